import XCTest

/// What the environment asks of these tests: `SCHEDULE_NODES=7 SCHEDULE_SEEDS=1-1000`.
enum ScheduleSettings {
  /// How many replicas there are in a cluster.
  static var sizes: [Int] {
    text("SCHEDULE_NODES").flatMap { Int($0) }.map { [$0] } ?? [4, 7]
  }

  /// The seeds of long scenarios: so many, or those that were asked for.
  static func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
    let ends = text("SCHEDULE_SEEDS")?.split(separator: "-").compactMap { UInt64($0) } ?? []
    return ends.count == 2 ? ends[0]...ends[1] : 1...count
  }

  /// Whether the rooms are optimized, as `tools/check` has them (decision 0052).
  static var isFast: Bool { text("LOCKSTEP_COMPUTES_FAST") != nil }

  private static func text(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }
}
