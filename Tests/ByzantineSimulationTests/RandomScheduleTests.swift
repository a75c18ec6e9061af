import ByzantineSimulation
import XCTest

/// Seeds over whole clusters.
///
/// `PBFT_SEEDS=1000-1999` runs others; each failure names its seed.
final class RandomScheduleTests: XCTestCase {
  func test_cluster_whenNothingFails_ordersEverything() {
    for size in [1, 4, 7] {
      run(ByzantinePlan(seed: UInt64(size), replicas: size, crashes: false))
    }
  }

  func test_four_whenMessagesAndPowerFail_agreeAndGoOn() {
    for seed in seeds(5) { run(ByzantinePlan(seed: seed)) }
  }

  func test_four_whenOneLies_agreeAndGoOn() {
    for seed in seeds(5) { run(ByzantinePlan(seed: seed, liars: 1, crashes: false)) }
  }

  func test_four_whenOneLiesAndOthersCrash_agreeAndGoOn() {
    for seed in seeds(5) { run(ByzantinePlan(seed: seed, liars: 1)) }
  }

  func test_seven_whenMessagesAndPowerFail_agreeAndGoOn() {
    for seed in seeds(1) { run(ByzantinePlan(seed: seed, replicas: 7)) }
  }

  func test_seven_whenTwoLie_agreeAndGoOn() {
    for seed in seeds(2) { run(ByzantinePlan(seed: seed, replicas: 7, liars: 2)) }
  }

  private func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
    let asked = ProcessInfo.processInfo.environment["PBFT_SEEDS"] ?? ""
    let ends = asked.split(separator: "-").compactMap { UInt64($0) }
    return ends.count == 2 ? ends[0]...ends[1] : 1...count
  }

  private func run(_ plan: ByzantinePlan) {
    FileHandle.standardError.write(Data("PBFT \(plan)\n".utf8))
    if let problem = ByzantineRun.run(plan).problem {
      XCTFail("\(plan): \(problem)")
    }
  }
}
