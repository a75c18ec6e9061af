import Consensus
package import PBFT

extension ChainAudit {
  /// Who is to blame if two blocks are proved to be committed at one place: f+1 replicas at least,
  /// as two quorums share so many (Sheng et al., BFT protocol forensics).
  ///
  /// Of one view they have committed both; of two views they took part in a view change that hid
  /// what they had committed.
  ///
  /// If two states are vouched for behind one block, f+1 replicas have signed both.
  package func convictions() -> [Evidence] {
    var found: [Evidence] = []
    for rivals in Self.byPlace(committed, \.header) {
      for (first, second) in Self.pairs(rivals) where first.header != second.header {
        found += convictions(of: first, and: second)
      }
    }
    for rivals in Self.byPlace(stable, \.header) {
      for (first, second) in Self.pairs(rivals)
      where first.header == second.header && first.stateRoot != second.stateRoot {
        found += convictions(of: first, and: second)
      }
    }
    return found.filter { authority.culprit(of: $0) != nil }
  }

  /// Those of one place beside each other, where there are several; ascending.
  private static func byPlace<Certificate: Hashable>(
    _ certificates: [Certificate],
    _ header: (Certificate) -> BlockHeader
  ) -> [[Certificate]] {
    var places: [UInt64: [Certificate]] = [:]
    var seen: Set<Certificate> = []
    for certificate in certificates where seen.insert(certificate).inserted {
      places[header(certificate).sequenceNumber.rawValue, default: []].append(certificate)
    }
    return places.sorted { $0.key < $1.key }.map(\.value).filter { $0.count > 1 }
  }

  private static func pairs<Certificate>(
    _ rivals: [Certificate]
  ) -> [(Certificate, Certificate)] {
    rivals.indices.flatMap { number in rivals[(number + 1)...].map { (rivals[number], $0) } }
  }

  private func convictions(
    of first: StableCertificate,
    and second: StableCertificate
  ) -> [Evidence] {
    authority.votes(in: first).flatMap { word in
      authority.votes(in: second).filter { $0.replica == word.replica }
        .map { .conflictingCheckpoints(word, $0) }
    }
  }

  private func convictions(
    of first: CommitCertificate,
    and second: CommitCertificate
  ) -> [Evidence] {
    let earlier = first.header.view <= second.header.view ? first : second
    var found: [Evidence] = []
    for vote in authority.votes(in: earlier) {
      found += authority.votes(in: earlier == first ? second : first)
        .filter { $0.replica == vote.replica }
        .map { .conflictingVotes(vote, $0) }
      found += viewChanges.filter { $0.replica == vote.replica }.map { .hiddenLock(vote, $0) }
    }
    return found
  }
}
