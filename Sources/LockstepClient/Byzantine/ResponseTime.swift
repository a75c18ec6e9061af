/// How long answers take, smoothed as TCP does it (RFC 6298 §2).
struct ResponseTime {
  private static let leastPatience: UInt64 = 100_000
  private static let mostPatience: UInt64 = 2_000_000

  private var smoothed: UInt64 = 0
  private var variation: UInt64 = 0

  /// Notes how long an answer has taken at most: a cluster that is busy is not asked ever more
  /// often, as it would be if what was sent again taught nothing.
  mutating func note(microseconds: UInt64) {
    guard smoothed > 0 else {
      smoothed = max(microseconds, 1)
      variation = microseconds / 2
      return
    }
    let distance = smoothed > microseconds ? smoothed - microseconds : microseconds - smoothed
    variation = (3 * variation + distance) / 4
    smoothed = max((7 * smoothed + microseconds) / 8, 1)
  }

  /// How long to wait before something is sent for the `tries`-th time again.
  func patience(tries: Int) -> UInt64 {
    let first = max(Self.leastPatience, 2 * smoothed + 4 * variation)
    return min(first << UInt64(min(tries, 5)), max(first, Self.mostPatience))
  }
}
