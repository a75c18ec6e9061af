/// What is seen of another replica's fence, which ends in a later view alone (see `Fence`).
struct FenceWatch: Sendable {
  /// So long after it is seen first, a fenced replica has asked all for what bounds its promises.
  private static let settlingMicroseconds: UInt64 = 2_000_000
  /// A replica that lies about its fence moves nobody more often.
  private static let restMicroseconds: UInt64 = 3_600_000_000

  /// Whether it says that it is fenced.
  private(set) var isUp = false
  /// Since when it has said so while it lacked nothing else.
  private var since: UInt64?
  /// When a view was last left since.
  private var leftAt: UInt64?

  mutating func note(_ isUp: Bool, isCurrent: Bool, at now: UInt64) {
    self.isUp = isUp
    since = isUp && isCurrent ? since ?? now : nil
  }

  func wantsLaterView(at now: UInt64) -> Bool {
    isSettled(at: now) && leftAt.map { now >= $0 + Self.restMicroseconds } ?? true
  }

  /// Whoever had the view left, it has what it waited for.
  mutating func viewChanged(at now: UInt64) {
    if isSettled(at: now) { leftAt = now }
  }

  private func isSettled(at now: UInt64) -> Bool {
    since.map { now >= $0 + Self.settlingMicroseconds } ?? false
  }
}
