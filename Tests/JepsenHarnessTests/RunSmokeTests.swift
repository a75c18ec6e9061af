import Foundation
import XCTest

@testable import JepsenHarness

/// One short run with real processes: that all parts fit together.
final class RunSmokeTests: XCTestCase {
  @MainActor
  func test_run_whenItsLeaderIsKilled_recoversAndIsJudged() async throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    let binary = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("lockstep").path
    var plan = RunPlan(binaries: [binary], folder: folder + "/run")
    plan.basePort = 8_900
    plan.seconds = 2
    plan.quietSeconds = 2
    plan.faults = .kinds([.killLeader])

    let report = RunReport(try await JepsenRun(plan).run())
    try RunFolder(plan.folder).write(report)

    XCTAssertEqual(report.result.verdict.word, "linearizable")
    XCTAssertGreaterThan(report.result.verdict.operations, 100)
    XCTAssertEqual(report.faults.map(\.kind), [.killLeader])
    XCTAssertGreaterThan(report.faults[0].feltCount, 0)
    XCTAssertNil(report.result.faultProblem)
    for name in ["history.ndjson", "verdicts.json", "index.html", "cluster/n1.log"] {
      XCTAssertTrue(Folder.exists("\(plan.folder)/\(name)"), name)
    }
  }
}
