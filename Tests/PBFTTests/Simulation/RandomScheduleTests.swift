import XCTest

@testable import PBFT

/// Seeds over whole clusters.
///
/// `PBFT_SEEDS=1000-1999` runs others; each failure names its seed.
final class RandomScheduleTests: XCTestCase {
  func test_cluster_whenNothingFails_ordersEverything() {
    for size in [1, 4, 7] {
      var plan = SimulationPlan(seed: UInt64(size), replicas: size)
      plan.lossPercent = 0
      plan.crashes = false
      run(plan)
    }
  }

  func test_four_whenMessagesAndPowerFail_agreeAndGoOn() {
    for seed in seeds(5) { run(SimulationPlan(seed: seed)) }
  }

  func test_four_whenOneLies_agreeAndGoOn() {
    for seed in seeds(5) { run(SimulationPlan(seed: seed, liars: 1, crashes: false)) }
  }

  func test_four_whenOneLiesAndOthersCrash_agreeAndGoOn() {
    for seed in seeds(5) { run(SimulationPlan(seed: seed, liars: 1)) }
  }

  func test_seven_whenMessagesAndPowerFail_agreeAndGoOn() {
    for seed in seeds(1) { run(SimulationPlan(seed: seed, replicas: 7)) }
  }

  func test_seven_whenTwoLie_agreeAndGoOn() {
    for seed in seeds(2) { run(SimulationPlan(seed: seed, replicas: 7, liars: 2)) }
  }

  private func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
    let asked = ProcessInfo.processInfo.environment["PBFT_SEEDS"] ?? ""
    let ends = asked.split(separator: "-").compactMap { UInt64($0) }
    return ends.count == 2 ? ends[0]...ends[1] : 1...count
  }

  private func run(_ plan: SimulationPlan) {
    FileHandle.standardError.write(Data("PBFT \(plan)\n".utf8))
    if let problem = SimulatedCluster(plan).run() {
      XCTFail("\(plan): \(problem)")
    }
  }
}
