import Consensus

/// A block that is asked for, and what is remembered of the ways to those that need it.
struct Fetch: Sendable {
  var wanted: (digest: Digest, place: SequenceNumber)?
  /// What was asked for last.
  var asked: Digest?
  /// Whom to ask next.
  var turn = 0
  var askAgainAt: UInt64 = 0
  /// The newest, that of a committed block and that of a new view's base among them.
  var looks: [Look] = []

  static let looksMax = 2

  /// Where a way back from a block has ended, as the log was after so many changes.
  struct Look: Sendable {
    let digest: Digest
    let missing: (digest: Digest, place: SequenceNumber)
    let changesCount: UInt64

    init(
      _ digest: Digest,
      missing: (digest: Digest, place: SequenceNumber),
      _ changesCount: UInt64
    ) {
      self.digest = digest
      self.missing = missing
      self.changesCount = changesCount
    }
  }
}
