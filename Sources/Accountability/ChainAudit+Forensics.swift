import Consensus
package import PBFT

extension ChainAudit {
  /// Who is to blame if two blocks are proved to be committed at one place: f+1 replicas at least,
  /// as two quorums share so many (Sheng et al., BFT protocol forensics).
  ///
  /// Of one view they have committed both; of two views they took part in a view change that hid
  /// what they had committed.
  package func convictions() -> [Evidence] {
    var found: [Evidence] = []
    for (number, first) in committed.enumerated() {
      for second in committed[(number + 1)...]
      where first.header.sequenceNumber == second.header.sequenceNumber
        && first.header != second.header
      {
        found += convictions(of: first, and: second)
      }
    }
    return found.filter { authority.culprit(of: $0) != nil }
  }

  private func convictions(
    of first: CommitCertificate,
    and second: CommitCertificate
  ) -> [Evidence] {
    let earlier = first.header.view <= second.header.view ? first : second
    var found: [Evidence] = []
    for vote in votes(in: earlier) {
      found += votes(in: earlier == first ? second : first)
        .filter { $0.replica == vote.replica }
        .map { .conflictingVotes(vote, $0) }
      found += viewChanges.filter { $0.replica == vote.replica }.map { .hiddenLock(vote, $0) }
    }
    return found
  }

  private func votes(in certificate: CommitCertificate) -> [Vote] {
    let digest = authority.digest(of: certificate.header)
    return certificate.replicas.map { endorsement in
      Vote(
        kind: .commit,
        place: certificate.header.place,
        digest: digest,
        replica: endorsement.replica,
        counter: endorsement.counter,
        signature: endorsement.signature
      )
    }
  }
}
