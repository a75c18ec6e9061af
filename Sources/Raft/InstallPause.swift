/// How long a follower whose disk has no room for the leader's snapshot takes no part of it.
///
/// A snapshot that does not fit would else be sent, written and given up again without end, at the
/// cost of both disks.
struct InstallPause: Hashable, Sendable {
  private static let firstMicroseconds: UInt64 = 1_000_000
  /// The longest is 16 s.
  private static let doublingsMax: UInt64 = 4

  private var until: UInt64 = 0
  private var count: UInt64 = 0

  /// The next pause, twice as long as the one before.
  mutating func noRoom(at now: UInt64) {
    until = now + Self.firstMicroseconds << min(count, Self.doublingsMax)
    count += 1
  }

  func isOver(at now: UInt64) -> Bool { now >= until }
}
