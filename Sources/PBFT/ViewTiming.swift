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
  /// Blocks that are proposed and not committed, ascending, and since when.
  private var underway = Line<(place: SequenceNumber, since: UInt64)>()
  private var latencies = RecentLatencies()
  /// Whether this view's primary has left out what it had room for.
  var hasWithheld = false

  /// After so long with progress in one view patience is halved again.
  private static let easingMicroseconds: UInt64 = 2_000_000

  init(now: UInt64) {
    viewBegunAt = now
    committedAt = now
    acceptedAt = now
  }

  func patience(base: UInt64, max: UInt64) -> UInt64 {
    min(base << shift, max)
  }

  /// When the view last came forward.
  var lastStep: UInt64 { max(viewBegunAt, committedAt, acceptedAt) }

  /// What the last blocks mostly took from their proposal to their commit.
  var medianLatency: UInt64 { latencies.median }

  /// This replica, or f+1 others, have lost patience: all have more of it with the next primary,
  /// but not more than the most, so that the first view that works can halve it.
  mutating func suspected(base: UInt64, max: UInt64) {
    if patience(base: base, max: max) < max { shift += 1 }
  }

  mutating func viewChanged(at now: UInt64) {
    viewBegunAt = now
    newViewAwaitedSince = nil
    underway = Line()
    hasWithheld = false
  }

  mutating func blockWasAccepted(_ place: SequenceNumber, at now: UInt64) {
    acceptedAt = now
    underway.append((place, now))
  }

  mutating func blockWasCommitted(through place: SequenceNumber, at now: UInt64) {
    while let first = underway.first, first.place <= place {
      underway.removeFirst()
      latencies.add(now - min(now, first.since))
    }
    committedAt = now
    // A view that commits something and is left all the same has been no success.
    guard shift > 0, now >= max(eased, viewBegunAt) + Self.easingMicroseconds else { return }
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
}
