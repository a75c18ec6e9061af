/// How long a node whose disk has no room for another's state does not try again.
///
/// A snapshot that does not fit would else be sent, written and given up again without end, at the
/// cost of both disks.
package struct InstallPause: Hashable, Sendable {
  private static let firstMicroseconds: UInt64 = 1_000_000
  /// The longest is 16 s.
  private static let doublingsMax: UInt64 = 4

  private var until: UInt64 = 0
  private var count: UInt64 = 0

  /// None yet.
  package init() {}

  /// The next pause, twice as long as the one before; times are in microseconds.
  package mutating func noRoom(at now: UInt64) {
    until = now + Self.firstMicroseconds << min(count, Self.doublingsMax)
    count += 1
  }

  /// Whether it may be tried again.
  package func isOver(at now: UInt64) -> Bool { now >= until }
}
