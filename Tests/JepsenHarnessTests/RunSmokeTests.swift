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
    XCTAssertGreaterThan(report.result.verdict.operations, 10)
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
    (plan.seconds, plan.quietSeconds) = (4, 5)
    plan.workload = SessionsWorkload.self

    // A node that lets the last look wait for 150 ms has not recovered, nor one that is slow to
    // follow: not in each of three runs.
    for number in 1...3 {
      plan.folder = "\(folder)/run-\(number)"
      let result = try await JepsenRun(plan).run()

      XCTAssertEqual(result.verdict.word, "linearizable")
      let isCalm = result.recovery.problem == nil && result.leaders.count > 1
      guard isCalm || number == 3 else { continue }
      XCTAssertGreaterThan(result.verdict.operations, 10)
      XCTAssertGreaterThan(result.leaders.count, 1, "whoever was cut off leads no more")
      XCTAssertNil(result.recovery.problem)
      XCTAssertNil(result.faultProblem)
      break
    }
  }

  /// A run learns it before its faults begin.
  @MainActor
  func test_load_whenNobodyAnswers_saysSoBeforeItsCalls() async throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    var plan = plan(in: folder, .kill)
    plan.timeoutMilliseconds = 100
    let nowhere = ProcessCluster.Plan(binary: "", nodesCount: 3, basePort: 1, folder: folder)
    let recorder = try HistoryRecorder(folder + "/history.ndjson")

    do {
      try await ClientLoad(plan, nowhere, recorder).connect()
      XCTFail("nobody is there")
    } catch {
      XCTAssertEqual(error.outcome, .notApplied)
    }
    XCTAssertEqual(recorder.count, 0)
  }

  /// Its namespaces would be taken from under the one that runs.
  @MainActor
  func test_namespaces_whenAnotherRunHasThem_areRefused() throws {
    try skipWithoutNamespaces()
    let first = try NamespaceNetwork(nodes: 1)

    XCTAssertThrowsError(try NamespaceNetwork(nodes: 1)) { error in
      XCTAssertTrue("\(error)".contains("another run"), "\(error)")
    }
    first.remove()
    let next = try NamespaceNetwork(nodes: 1)
    next.remove()
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
