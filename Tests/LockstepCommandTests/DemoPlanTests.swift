import JepsenHarness
import XCTest

@testable import LockstepCommand

final class DemoPlanTests: XCTestCase {
  func test_plan_whenAScriptIsKnown_hasOnlyWhatItAsksFor() throws {
    let cases: [(script: String, chaos: DemoChaos, isRecorded: Bool, hasNetwork: Bool)] = [
      ("\\kill leader\n\\heal", .off, false, false),
      ("\\sleep 1s\n\\check", .off, true, false),
      ("\\partition 1|2,3", .off, false, true),
      ("\\status", .gentle, true, true),
    ]

    for (text, chaos, isRecorded, hasNetwork) in cases {
      let script = try DemoScript(path: "x.demo", text: text)
      let plan = DemoPlan(chaos: chaos, script: script, isPrompt: false, seed: 1)

      XCTAssertEqual(plan.isRecorded, isRecorded, text)
      XCTAssertEqual(plan.hasNetwork, hasNetwork, text)
    }
  }

  func test_plan_whenThereIsAPrompt_hasEverything() {
    let plan = DemoPlan(chaos: .off, script: nil, isPrompt: true, seed: 1)

    XCTAssertTrue(plan.isRecorded)
    XCTAssertTrue(plan.hasNetwork)
  }

  func test_plan_whenNobodyAsks_leavesTheClusterAlone() {
    let plan = DemoPlan(chaos: .off, script: nil, isPrompt: false, seed: 1)

    XCTAssertFalse(plan.isRecorded)
    XCTAssertFalse(plan.hasNetwork)
  }

  func test_faults_whenTheSeedIsTheSame_areTheSame_scheduleAfterSchedule() {
    func orders(_ seed: UInt64) -> [[FaultOrder]] {
      let plan = DemoPlan(chaos: .wild, script: nil, isPrompt: false, seed: seed)
      return (UInt64(0)..<3).map { plan.faults($0, in: .raft, nodes: 3).orders }
    }

    XCTAssertEqual(orders(7), orders(7))
    XCTAssertNotEqual(orders(7), orders(8))
    XCTAssertEqual(Set(orders(7).map { "\($0)" }).count, 3)
  }

  func test_chaos_whenItIsWild_hasWrongClocks_whereTheyCanBeHad() {
    let clocks = Set([FaultKind.clockJump, .clockRate])

    XCTAssertTrue(clocks.isSubset(of: DemoChaos.wild.kinds(in: .raft, hasClocks: true)))
    XCTAssertTrue(clocks.isDisjoint(with: DemoChaos.wild.kinds(in: .raft, hasClocks: false)))
    XCTAssertTrue(clocks.isDisjoint(with: DemoChaos.wild.kinds(in: .bft, hasClocks: true)))
    XCTAssertTrue(clocks.isDisjoint(with: DemoChaos.gentle.kinds(in: .raft, hasClocks: true)))
  }
}
