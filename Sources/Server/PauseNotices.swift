/// When it is told that a port accepts nobody for want of descriptors: every 10 s at most, for it
/// is tried ten times a second.
struct PauseNotices {
  private static let microseconds: UInt64 = 10_000_000
  private var next: UInt64 = 0

  mutating func isDue(at now: UInt64) -> Bool {
    guard now >= next else { return false }
    next = now + Self.microseconds
    return true
  }
}
