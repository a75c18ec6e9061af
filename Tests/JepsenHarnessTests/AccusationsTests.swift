import Glibc
import XCTest

@testable import JepsenHarness

final class AccusationsTests: XCTestCase {
  private func proof(_ verdict: String, _ culprit: String) -> String {
    """
    {"verdict":"\(verdict)","id":"5c0f","kind":"E1","culprit":"\(culprit)",\
    "claim":"two blocks at one place"}
    """
  }

  private func accusations(
    _ rows: [String],
    audit: Int32 = 0,
    _ faults: [String] = []
  ) -> Accusations {
    let proofs = rows.map { Accusations.Proof($0, keptBy: 1) }
    return Accusations(proofs: proofs, audit: .exited(audit), auditFaults: faults)
  }

  func test_proof_whenItsRowIsRead_namesKindAndCulprit() {
    let proof = Accusations.Proof(proof("proven", "replica 3, node 4"), keptBy: 2)
    let unreadable = Accusations.Proof(
      "{\"id\":\"x\",\"kind\":null,\"verdict\":\"unreadable\",\"culprit\":null,\"claim\":\"y\"}",
      keptBy: 2
    )

    XCTAssertEqual([proof.keeper, proof.culpritNode], [2, 4])
    XCTAssertEqual([proof.kind, proof.verdict], ["E1", "proven"])
    XCTAssertEqual([unreadable.kind, unreadable.verdict], ["", "unreadable"])
    XCTAssertNil(unreadable.culpritNode)
  }

  func test_problem_whenAnybodyButALiarIsNamed_isSaid() {
    let liar = proof("proven", "replica 3, node 4")
    let table: [(String, Accusations, Set<Int>, Bool)] = [
      ("nothing", accusations([]), [], true),
      ("too short to compare", accusations([], audit: 5), [], true),
      ("the liar", accusations([liar, liar]), [4], true),
      ("a liar, and nobody lies", accusations([liar]), [], false),
      ("an honest node", accusations([liar, proof("proven", "replica 1, node 2")]), [4], false),
      ("a client", accusations([proof("proven", "client app")]), [4], false),
      ("a proof of nothing", accusations([proof("not proven", "nobody")]), [4], false),
      ("audited: the liar", accusations([], audit: 9, ["E3: replica 3, node 4: x"]), [4], true),
      ("audited: another", accusations([], audit: 9, ["E3: replica 0, node 1: x"]), [4], false),
      ("audited: a chain", accusations([], audit: 9, ["c/n4: no chain: node 4"]), [4], false),
      ("audited: no word", accusations([], audit: 9), [4], false),
      ("no audit", accusations([], audit: 1), [4], false),
      ("not asked", Accusations(failures: ["it ended with 3"]), [4], false),
    ]

    for (name, accusations, suspects, isFine) in table {
      XCTAssertEqual(accusations.problem(suspects: suspects) == nil, isFine, name)
    }
  }

  /// What clients saw is judged all the same.
  @MainActor
  func test_accusations_whenNodesCannotBeAsked_sayThat() async throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    try Folder.write("#!/bin/sh\n[ $1 != evidence ] || exit 3\n", to: folder + "/lockstep")
    XCTAssertEqual(chmod(folder + "/lockstep", 0o755), 0)
    let plan = ProcessCluster.Plan(
      binary: folder + "/lockstep",
      nodesCount: 4,
      basePort: 1,
      folder: folder + "/cluster"
    )

    let accusations = try await ProcessCluster(plan).accusations(of: [1, 2], auditing: [1])

    XCTAssertEqual(accusations.failures.count, 2)
    XCTAssertTrue(accusations.problem(suspects: [])?.contains("status 3") == true)
    XCTAssertEqual(accusations.audit, .exited(0))
  }

  func test_result_whenALiarLedInPeace_wantsProof() {
    let proof = Accusations.Proof(self.proof("proven", "replica 3, node 4"), keptBy: 1)
    let led = LeaderSight(at: 1_000_000, node: 4, term: 3)
    let kill = RunFault(
      kind: .kill,
      targets: [1],
      from: 1_200_000,
      to: 1_300_000,
      feltCount: 1,
      words: "killed"
    )
    let wipe = RunFault(
      kind: .diskWipe,
      targets: [4],
      from: 9_000_000,
      to: 9_100_000,
      feltCount: 1,
      words: "wiped"
    )
    let table: [(String, [String], [LeaderSight], [RunFault], [Accusations.Proof], Bool)] = [
      ("proved", ["equivocate"], [led], [], [proof], true),
      ("not proved", ["equivocate"], [led], [], [], false),
      ("not proved, the other lie", ["stale-view-change"], [led], [], [], false),
      ("a lie that proves nothing", ["slow"], [led], [], [], true),
      ("never led", ["equivocate"], [], [], [], true),
      ("another led", ["equivocate"], [LeaderSight(at: 1, node: 3, term: 2)], [], [], true),
      ("amid a fault", ["equivocate"], [led], [kill], [], true),
      ("nobody lies", [], [led], [], [proof], false),
      ("nobody lies, but one forgot", [], [led], [wipe], [proof], true),
    ]

    for (name, lies, leaders, faults, proofs, isFine) in table {
      var plan = RunPlan(binaries: ["lockstep"], folder: "run")
      (plan.mode, plan.nodes) = (.bft, 4)
      plan.liars = lies.map { ProcessCluster.Liar(program: "x", lie: $0) }
      let result = RunResult(
        plan: plan,
        verdict: RunVerdict(word: "linearizable", judge: "kv"),
        samples: [CallSample(began: 8_000_000, took: 1_000, ending: .ok, isRead: false)],
        leaders: leaders,
        faults: faults,
        recovery: RunResult.Recovery(milliseconds: 1),
        faultTime: 7_000_000,
        accusations: Accusations(proofs: proofs)
      )
      XCTAssertEqual(result.accusationProblem == nil, isFine, name)
      XCTAssertEqual(result.word, isFine ? "passed" : "failed", name)
    }
  }
}
