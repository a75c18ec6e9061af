import Consensus
import XCTest

@testable import Raft

/// Clusters under random loss, repetition, reordering, cuts, crashes and partial syncs.
///
/// `SEED=42 swift test --filter RandomFaultTests` repeats one run, `SEEDS=5000` runs more.
final class RandomFaultTests: XCTestCase {
  func test_cluster_whenAnythingFails_staysSafeAndRecovers() {
    for seed in Seeds.numbers() {
      var driver = FaultDriver(seed: seed) { random, options in
        TestCluster(random.oneIn(2) ? 3 : 5, options: options)
      }

      driver.take(steps: 600, Self.step)
      driver.heal(milliseconds: 2_000)
      let outcome =
        driver.write(milliseconds: 300)
        ?? driver.compareApplied(Array(1...driver.cluster.count))

      XCTAssertEqual(driver.cluster.violations, [], "seed \(seed)")
      XCTAssertNil(outcome, "seed \(seed)")
    }
  }

  private static func step(_ driver: inout FaultDriver, _ node: Int) {
    let cluster = driver.cluster
    switch driver.random.number(below: 100) {
    case 0..<55: driver.deliverSomething()
    case 55..<67: cluster.tickAll(milliseconds: driver.random.number(in: 1..<60))
    case 67..<74: driver.submit(to: node)
    case 74..<80: cluster.sync(node, limit: driver.random.number(below: 4))
    case 80..<84: driver.holdOrRelease(node)
    case 84..<87: cluster.call(node) { $0.fireElectionTimer() }
    case 87..<89: cluster.crash(node)
    case 89..<93: driver.restart(node)
    case 93..<95: driver.replay()
    case 95..<97: driver.cutOrHeal()
    case 97..<98: cluster.call(node) { $0.submit(.transfer(to: nil)) }
    default:
      let hasRoom = driver.random.oneIn(2)
      cluster.call(node) { $0.journalHasRoom(hasRoom) }
    }
  }
}
