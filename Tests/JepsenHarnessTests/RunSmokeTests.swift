import Foundation
import XCTest

@testable import JepsenHarness

/// One short run with real processes: that all parts fit together.
final class RunSmokeTests: XCTestCase {
  @MainActor
  func test_run_whenItsLeaderIsKilled_recoversAndIsJudged() async throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    var plan = plan(in: folder, .killLeader)
    plan.snapshotAfter = "64KiB"

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

  @MainActor
  func test_run_whenNodesMayLieAndNoneDoes_readsFast_accusesNobody_andIsAudited() async throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    var plan = plan(in: folder, .kill)
    plan.mode = .bft
    plan.readsFast = true
    plan.nodes = 4
    // A debug build verifies slowly, and may be busy with others: recovery is not the matter here.
    (plan.clients, plan.rate) = (2, 2)

    let report = RunReport(try await JepsenRun(plan).run())

    let result = report.result
    XCTAssertEqual(result.verdict.word, "linearizable", report.json.description)
    XCTAssertNil(result.accusationProblem)
    XCTAssertNil(result.endProblem)
    XCTAssertEqual(result.accusations?.proofs, [])
    XCTAssertTrue(["sound", "unproven"].contains(result.accusations?.auditWord))
    XCTAssertTrue(Folder.exists("\(plan.folder)/cluster/audit.out"))
    XCTAssertGreaterThan(Folder.lines(in: "\(plan.folder)/cluster/audit.out"), 3)
  }

  @MainActor
  func test_run_whenEachNodeHasANamespace_losesItsLeaderBelowTCP_andRecovers() async throws {
    try skipWithoutNamespaces()
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    var plan = plan(in: folder, .partitionLeader)
    plan.network = .namespaces
    plan.seconds = 4
    plan.workload = SessionsWorkload.self

    let result = try await JepsenRun(plan).run()

    XCTAssertEqual(result.verdict.word, "linearizable")
    XCTAssertGreaterThan(result.verdict.operations, 10)
    XCTAssertGreaterThan(result.leaders.count, 1, "whoever was cut off leads no more")
    XCTAssertNil(result.recovery.problem)
    XCTAssertNil(result.faultProblem)
  }

  func test_network_whenPacketsCannotBeToldApart_hasCutsAndNoAccidents() {
    for kind in FaultKind.allCases {
      XCTAssertTrue(NetworkKind.proxies.canHave(kind))
      XCTAssertEqual(NetworkKind.namespaces.canHave(kind), !kind.rawValue.hasPrefix("link-"))
    }
  }

  /// Where the system itself refuses a namespace there is nothing to test; else ours must work.
  private func skipWithoutNamespaces() throws {
    func ip(_ order: String) throws -> Bool {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["ip", "netns", order, "lockstep-probe"]
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0
    }
    guard try ip("add") else { throw XCTSkip("no network namespaces here, or no ip") }
    _ = try ip("del")
  }

  private func plan(in folder: String, _ kind: FaultKind) -> RunPlan {
    let binary = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("lockstep").path
    var plan = RunPlan(binaries: [binary], folder: folder + "/run")
    plan.basePort = 8_900
    plan.seconds = 2
    plan.quietSeconds = 2
    plan.faults = .kinds([kind])
    return plan
  }
}
