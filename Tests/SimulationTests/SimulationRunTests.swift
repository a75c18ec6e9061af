import Foundation
import Simulation
import XCTest

/// A handful of seeds; thousands go through `tools/simulate`.
///
/// `SEED=42` runs that one alone.
final class SimulationRunTests: XCTestCase {
  func test_run_whenSeedsAreFixed_keepsEveryPromise() {
    let chosen = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    for seed in chosen.map({ [$0] }) ?? [1, 16, 52] {
      let report = SimulationRun.run(seed: seed)

      XCTAssertEqual(report.verdict, .ok, report.tableText)
      XCTAssertGreaterThanOrEqual(report.operations, 1_000, "seed \(seed)")
      XCTAssertGreaterThanOrEqual(report.simulatedMicroseconds, 60_000_000, "seed \(seed)")
    }
  }

  func test_run_inSomeSeeds_leavesSomebodyBrokenForGood() {
    let isLeft = (2...12).contains { seed in
      SimulationRun.run(seed: seed).jsonText.contains(/"left_broken": [1-9]/)
    }
    XCTAssertTrue(isLeft, "the others have to do without it")
  }

  func test_run_whenRepeatedWithTheDrawnNodeCount_isTheSame() {
    let first = SimulationRun.run(seed: 3)
    let second = SimulationRun.run(seed: 3, RunOptions(nodes: first.nodes))

    XCTAssertEqual(first.jsonText, second.jsonText)
  }
}
