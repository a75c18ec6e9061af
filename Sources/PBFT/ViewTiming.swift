/// When a replica loses patience with a primary.
///
/// Monotonic microseconds throughout.
struct ViewTiming: Sendable {
  /// How often views have passed in vain: patience doubles with each.
  private var shift: UInt64 = 0
  private(set) var viewBegunAt: UInt64
  private var committedAt: UInt64
  private var acceptedAt: UInt64
  private var eased: UInt64 = 0
  private var newViewAwaitedSince: UInt64?

  /// After so long with progress patience is halved again.
  private static let easingMicroseconds: UInt64 = 2_000_000

  init(now: UInt64) {
    viewBegunAt = now
    committedAt = now
    acceptedAt = now
  }

  func patience(base: UInt64, max: UInt64) -> UInt64 {
    min(base << min(shift, 16), max)
  }

  mutating func suspected() { shift += 1 }

  mutating func viewChanged(at now: UInt64) {
    viewBegunAt = now
    newViewAwaitedSince = nil
  }

  mutating func blockWasAccepted(at now: UInt64) { acceptedAt = now }

  mutating func blockWasCommitted(at now: UInt64, timeout: UInt64) {
    committedAt = now
    guard shift > 0, now >= eased + Self.easingMicroseconds else { return }
    eased = now
    shift -= 1
  }

  /// 2f+1 replicas are in the view: its primary can begin it.
  mutating func startNewViewTimer(at now: UInt64) {
    newViewAwaitedSince = newViewAwaitedSince ?? now
  }

  func newViewIsOverdue(at now: UInt64, patience: UInt64) -> Bool {
    guard let since = newViewAwaitedSince else { return false }
    return now > since + patience
  }

  /// Whether the oldest request, or the newest accepted block, has waited too long in this view.
  func isOverdue(
    at now: UInt64,
    patience: UInt64,
    oldestRequest: UInt64?,
    isUncommitted: Bool
  ) -> Bool {
    if let oldestRequest, now > max(oldestRequest, viewBegunAt) + patience { return true }
    return isUncommitted && now > max(viewBegunAt, committedAt, acceptedAt) + patience
  }
}
