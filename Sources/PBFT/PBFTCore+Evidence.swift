import Consensus
import Wire

/// Looking for lies: whatever holds a signature is compared with what its signer signed before.
extension PBFTCore {
  /// Compares a statement, whose signature holds, with what its sender signed before.
  mutating func observe(_ statement: Statement) {
    for evidence in detector.observe(statement) { report(evidence) }
  }

  mutating func report(_ evidence: Evidence) {
    effects.evidence.append(evidence.encoded(expectedSize: 1_024))
  }

  /// The commits of the slowest are never needed, hence not verified; one that its view change does
  /// not show is.
  mutating func recallCommit(hiddenBy change: ViewChange) {
    guard let commit = surplusCommits[change.replica.place],
      commit.place > change.high?.header.place ?? .zero,
      commit.place.sequenceNumber > change.stable?.header.sequenceNumber ?? .zero,
      authority.isValid(commit)
    else { return }
    observe(.vote(commit))
  }

  // MARK: Certificates

  /// Compares a view change that holds, and the votes for the lock that it shows.
  mutating func observe(_ change: ViewChange) {
    if change.replica != own { observe(.viewChange(change)) }
    guard let high = change.high else { return }
    observe(authority.votes(in: high).map { .vote($0) }, at: high.header.sequenceNumber)
  }

  /// Compares what a certificate that holds is made of.
  mutating func observe(_ certificate: CommitCertificate) {
    let votes = authority.votes(in: certificate)
    observe(votes.map { .vote($0) }, at: certificate.header.sequenceNumber)
  }

  /// Compares what a certificate that holds is made of.
  mutating func observe(_ certificate: StableCertificate) {
    let votes = authority.votes(in: certificate)
    observe(votes.map { .checkpoint($0) }, at: certificate.header.sequenceNumber)
  }

  /// The detector has forgotten what is stable.
  private mutating func observe(_ statements: [Statement], at place: SequenceNumber) {
    guard place > stableSequence else { return }
    for statement in statements where statement.replica != own { observe(statement) }
  }

  // MARK: Primaries that say another thing to each

  /// What primaries signed is compared with what comes after a start, too.
  mutating func recoverProposals() {
    for block in log.blocks + log.orphans where block.sequenceNumber > stableSequence {
      if let vote = block.primary, vote.replica != own { observe(.vote(vote)) }
    }
  }

  /// Another replica holds this block: if the primary has signed another one for this replica, that
  /// vote is shown to it, as both votes together are proof.
  mutating func confront(_ replica: ReplicaNumber, holding digest: Digest, at place: BlockPlace) {
    guard let vote = detector.proposal(at: place), vote.digest != digest else { return }
    send(.vote(vote), to: replica)
  }

  /// This block has been certified: whoever was told so by its primary learns what it told this
  /// replica.
  mutating func confrontAll(holding digest: Digest, at place: BlockPlace) {
    for replica in members.indices where replica != own.place {
      confront(ReplicaNumber(UInt8(replica)), holding: digest, at: place)
    }
  }

  /// Whether a primary's bare vote is for another block than the one that it signed first.
  func isProof(_ vote: Vote) -> Bool {
    guard let first = detector.proposal(at: vote.place) else { return false }
    return first.replica == vote.replica && first.digest != vote.digest
  }

  /// A primary's vote without its block, whoever shows it: proof or nothing.
  mutating func compare(_ vote: Vote) {
    guard isProof(vote), authority.isValid(vote) else { return }
    observe(.vote(vote))
  }
}
