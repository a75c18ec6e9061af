import Consensus
import XCTest

@testable import Simulation

final class FaultPlanTests: XCTestCase {
  private func plan(_ options: RunOptions) -> FaultPlan {
    FaultPlan(random: RandomSource(seed: 9), until: 100_000_000, options)
  }

  func test_strikes_whenSomeAreLeftOut_areTheSameBesides() {
    var options = RunOptions()
    options.withoutStrikes = [2, 3, 5]
    options.withoutWeather = [.loss, .reordering]

    let whole = plan(RunOptions()).strikes
    let rest = plan(options).strikes

    XCTAssertEqual(whole.map(\.number), Array(1...whole.count))
    let expected = whole.filter { ![2, 3, 5].contains($0.number) }
    XCTAssertEqual(rest.map(\.number), expected.map(\.number))
    XCTAssertEqual(rest.map(\.kind), expected.map(\.kind))
    XCTAssertEqual(rest.map(\.time), expected.map(\.time))
    for (found, wanted) in zip(rest, expected) {
      var (left, right) = (found.random, wanted.random)
      XCTAssertEqual(left.next(), right.next())
    }
  }

  func test_run_whenAllFaultsAreLeftOut_hasNone() {
    var options = RunOptions(nodes: 3)
    options.withoutStrikes = Set(1...9_999)
    options.withoutWeather = Set(FaultKind.allCases)
    options.stormMicroseconds = 5_000_000

    let report = SimulationRun.run(seed: 3, options)

    XCTAssertEqual(report.verdict, .ok)
    XCTAssertEqual(report.faults.filter { $0.count > 0 }, [])
    XCTAssertEqual(report.leaderChanges, 0)
    XCTAssertEqual(report.crashes, 0)
  }
}
