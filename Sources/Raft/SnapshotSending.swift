import Consensus

/// How far a leader has sent a snapshot to one follower: one part at a time is read, on its way,
/// or being written there.
struct SnapshotSending: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    case due
    case reading
    /// On its way since then.
    case sent(at: UInt64)
  }

  let mark: LogMark
  /// Where the part starts that the follower lacks.
  private(set) var offset: UInt64 = 0
  /// Of the whole file; zero before a part was read.
  private(set) var size = 0
  private(set) var step = Step.due

  init(mark: LogMark) {
    self.mark = mark
  }

  var place: SnapshotPlace { SnapshotPlace(index: mark.index, offset: offset) }

  /// The part to read now, if one is due; once.
  mutating func partDue() -> SnapshotPlace? {
    guard step == .due else { return nil }
    step = .reading
    return place
  }

  /// The part has left, or could not be read and is tried again later.
  mutating func wasRead(at now: UInt64, ofSize size: Int? = nil) {
    step = .sent(at: now)
    if let size { self.size = size }
  }

  /// The follower says what it lacks; while a part is read that is left to its answer to it.
  mutating func wanted(_ offset: UInt64) {
    guard step != .reading else { return }
    self.offset = offset
    step = .due
  }

  mutating func resendIfLost(at now: UInt64, after patience: UInt64) {
    guard case .sent(let sentAt) = step, now - sentAt >= patience else { return }
    step = .due
  }
}
