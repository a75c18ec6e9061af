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
      // Some lies are told by a primary only: in the second plan the liar is the first one.
      var told = run(lie) { _ in true }
      if told.isEmpty { told = run(lie) { $0.liars == [0] } }

      XCTAssertEqual(told, [lie])
    }
  }

  /// The lies that were told in the first plan that is wanted.
  private func run(_ lie: Lie, where isWanted: (ByzantinePlan) -> Bool) -> [Lie] {
    let plans = (7..<100).lazy.map { ByzantinePlan(seed: $0, nodes: 4, lie: lie) }
    guard var plan = plans.first(where: isWanted) else { return [] }
    plan.stormMicroseconds = 500_000
    let report = ByzantineRun.run(plan)

    XCTAssertNil(report.problem, lie.rawValue)
    XCTAssertEqual(report.plan.lies, [lie])
    XCTAssertGreaterThan(report.operations, 5, lie.rawValue)
    return zip(Lie.allCases, report.lies).filter { $0.1 > 0 }.map(\.0)
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
