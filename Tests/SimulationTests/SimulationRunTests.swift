import Foundation
import Simulation
import XCTest

/// A handful of seeds; thousands go through `tools/simulate`.
///
/// `SEED=42` runs that one alone.
final class SimulationRunTests: XCTestCase {
  func test_run_whenSeedsAreFixed_keepsEveryPromise() {
    let chosen = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    for seed in chosen.map({ [$0] }) ?? [1, 2, 16, 52] {
      let report = SimulationRun.run(seed: seed)

      XCTAssertEqual(report.verdict, .ok, report.tableText)
      XCTAssertGreaterThanOrEqual(report.operations, 1_000, "seed \(seed)")
      XCTAssertGreaterThanOrEqual(report.simulatedMicroseconds, 60_000_000, "seed \(seed)")
    }
  }

  func test_run_whenRepeated_isTheSame() {
    let first = SimulationRun.run(seed: 3)
    let second = SimulationRun.run(seed: 3)

    XCTAssertEqual(first.jsonText, second.jsonText)
  }

  func test_run_whenTheDrawnNodeCountIsNamed_isTheSame() {
    let drawn = SimulationRun.run(seed: 4)
    let named = SimulationRun.run(seed: 4, nodes: drawn.nodes)

    XCTAssertEqual(drawn.traceHash, named.traceHash)
  }
}
