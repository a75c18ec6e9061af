import Consensus
import XCTest

@testable import Raft

/// Journals lose records at random, wherever somebody else still holds what counts.
///
/// `SEED=42 swift test --filter RandomDamageTests` repeats one run, `SEEDS=5000` runs more.
final class RandomDamageTests: XCTestCase {
  func test_cluster_whenJournalsGetHoles_losesNothingAndElectsAgain() {
    let seeds = Seeds.numbers(20)
    var damages = 0
    for seed in seeds {
      var run = DamageRun(seed: seed)

      run.driver.take(steps: 40, DamageRun.gather)
      run.breakThings(steps: 400)
      run.driver.heal(milliseconds: 4_000)
      let cluster = run.driver.cluster
      let outcome =
        run.driver.write(milliseconds: 500)
        ?? run.driver.compareApplied(Array(1...cluster.count))

      XCTAssertEqual(cluster.violations, [], "seed \(seed)")
      XCTAssertNil(outcome, "seed \(seed)")
      XCTAssertTrue(cluster.nodes.allSatisfy { $0.core?.isWhole == true }, "seed \(seed)")
      damages += run.damages
    }
    XCTAssertGreaterThan(damages, 3 * seeds.count, "journals are damaged")
  }
}

private struct DamageRun {
  var driver: FaultDriver
  private(set) var damages = 0

  init(seed: UInt64) {
    driver = FaultDriver(seed: seed) { random, options in
      TestCluster(random.oneIn(2) ? 3 : 5, options: options)
    }
  }

  /// The cluster forms, and something is written.
  static func gather(_ driver: inout FaultDriver, _ node: Int) {
    driver.cluster.run(milliseconds: 50)
    driver.submit(to: driver.cluster.leading.first ?? node)
  }

  mutating func breakThings(steps: Int) {
    for _ in 0..<steps {
      var damages = 0
      driver.take(steps: 1) { driver, node in
        damages = Self.step(&driver, node)
      }
      self.damages += damages
    }
  }

  /// - Returns: How many holes came of it.
  private static func step(_ driver: inout FaultDriver, _ node: Int) -> Int {
    let cluster = driver.cluster
    switch driver.random.number(below: 100) {
    case 0..<50: driver.deliverSomething()
    case 50..<65: cluster.run(milliseconds: 10 * (1 + driver.random.number(below: 8)))
    // Long enough for those whom no leader answers.
    case 65..<66: cluster.run(milliseconds: 1_000)
    case 66..<74: driver.submit(to: cluster.leading.last ?? node)
    case 74..<78: cluster.sync(node, limit: driver.random.number(below: 4))
    case 78..<81: driver.holdOrRelease(node)
    case 81..<83: cluster.call(node) { $0.fireElectionTimer() }
    case 83..<84: cluster.crash(node)
    case 84..<89: driver.restart(node)
    case 89..<91: driver.replay()
    case 91..<94: driver.cutOrHeal()
    case 94..<95: cluster.call(node) { $0.submit(.transfer(to: nil)) }
    case 95..<96: return damageAll(&driver)
    default: return damage(node, &driver) ? 1 : 0
    }
    return 0
  }

  /// All processes end at once, and every disk loses something.
  private static func damageAll(_ driver: inout FaultDriver) -> Int {
    let nodes = Array(1...driver.cluster.count)
    for node in nodes { driver.cluster.crash(node) }
    let damages = nodes.count { damage($0, &driver) }
    for node in nodes { driver.restart(node) }
    return damages
  }

  /// The process ends, and its disk loses some records in a row, at the end more often than
  /// elsewhere.
  private static func damage(_ node: Int, _ driver: inout FaultDriver) -> Bool {
    let cluster = driver.cluster
    let count = cluster.nodes[node - 1].durable.count
    let first = driver.random.number(below: count) + 1
    let size = 1 + driver.random.number(below: driver.random.oneIn(3) ? 40 : 6)
    let last = driver.random.oneIn(4) ? count : min(count, first + size - 1)
    let positions = UInt64(first)...UInt64(last)
    // Where two have forgotten their terms, nobody can tell what they promised.
    let others = cluster.nodes.indices.filter { $0 != node - 1 }
    let mayLoseVote = others.allSatisfy { !cluster.nodes[$0].isVoteLost }
    let isVoteCopied = !mayLoseVote || !driver.random.oneIn(4)
    guard !cluster.nodes[node - 1].isVoteLost, cluster.keepsAll(afterDamaging: node, positions)
    else { return false }
    cluster.damage(node, positions: positions, isVoteCopied: isVoteCopied)
    if driver.random.oneIn(2) { driver.restart(node) }
    return true
  }
}
