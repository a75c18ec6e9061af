import ByzantineSimulation
import XCTest

/// A few seeds over whole clusters; `tools/simulate --mode bft` runs as many as there is time for.
///
/// `BFT_SEEDS=1000-1999` runs others; each failure names its seed.
final class ByzantineRunTests: XCTestCase {
  func test_one_whenPowerFails_keepsItsPromises() {
    run(nodes: 1, count: 2)
  }

  func test_four_whenAnythingFails_keepTheirPromises() {
    run(nodes: 4, count: 4)
  }

  func test_seven_whenAnythingFails_keepTheirPromises() {
    run(nodes: 7, count: 1)
  }

  func test_lies_whenEachIsToldAlone_areSurvived() {
    for lie in Lie.allCases {
      var plan = ByzantinePlan(seed: 7, nodes: 4, lie: lie)
      plan.stormMicroseconds = 500_000
      let report = ByzantineRun.run(plan)

      XCTAssertNil(report.problem, lie.rawValue)
      XCTAssertEqual(report.plan.lies, [lie])
      XCTAssertGreaterThan(report.operations, 5, lie.rawValue)
    }
  }

  func test_seed_whenRunTwice_givesTheSameTrace() {
    var plan = ByzantinePlan(seed: 3, nodes: 4)
    plan.stormMicroseconds = 1_000_000
    let first = ByzantineRun.run(plan)
    let second = ByzantineRun.run(plan)

    XCTAssertEqual(first.traceHash, second.traceHash)
    XCTAssertEqual(first.jsonText, second.jsonText)
  }

  private func run(nodes: Int, count: UInt64) {
    let asked = ProcessInfo.processInfo.environment["BFT_SEEDS"] ?? ""
    let ends = asked.split(separator: "-").compactMap { UInt64($0) }
    for seed in ends.count == 2 ? ends[0]...ends[1] : 1...count {
      // For runs that end the process.
      FileHandle.standardError.write(Data("BFT seed \(seed), \(nodes) replicas\n".utf8))
      var plan = ByzantinePlan(seed: seed, nodes: nodes)
      if ends.count < 2 { plan.stormMicroseconds = 1_500_000 }
      let report = ByzantineRun.run(plan)

      XCTAssertNil(report.problem, report.tableText)
    }
  }
}
