import XCTest

@testable import ByzantineSchedules

/// A few seeds; more go through `lockstep sim liars --seed`.
final class MutationTests: XCTestCase {
  func test_four_whenALiarChangesItsMessages_goOn() {
    for seed in ScheduleSettings.seeds(12) { run(seed, replicas: 4) }
  }

  func test_seven_whenTwoLiarsChangeTheirMessages_goOn() {
    for seed in ScheduleSettings.seeds(3) { run(seed, replicas: 7) }
  }

  private func run(_ seed: UInt64, replicas: Int) {
    guard ScheduleSettings.sizes.contains(replicas) else { return }
    let stage = MutationPlan(seed: seed, replicas: replicas).run()

    XCTAssertNil(stage.judge.problem, "seed \(seed): \(stage.standing)")
  }
}
