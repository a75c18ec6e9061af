/// Names one write for ever, so that its outcome can be asked for.
public struct WriteID: Hashable, Sendable {
  /// The session it was sent in.
  public let session: UInt64
  /// Its number there.
  public let sequence: UInt64

  /// A write of this session and number.
  public init(session: UInt64, sequence: UInt64) {
    self.session = session
    self.sequence = sequence
  }
}

/// What became of a write, once and for all.
public enum WriteOutcome: Hashable, Sendable {
  /// It was applied, and changed something at this revision.
  case applied(revision: UInt64)
  /// It reached the cluster and was refused there without an effect.
  case refused(LockstepError.Code)
  /// It was not applied and never will be.
  case notApplied
  /// The session has expired, and with it what was known.
  case sessionExpired
}
