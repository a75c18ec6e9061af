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
      let plan = DemoPlan(chaos: chaos, script: script, isPrompt: false)

      XCTAssertEqual(plan.isRecorded, isRecorded, text)
      XCTAssertEqual(plan.hasNetwork, hasNetwork, text)
    }
  }

  func test_plan_whenThereIsAPrompt_hasEverything() {
    let plan = DemoPlan(chaos: .off, script: nil, isPrompt: true)

    XCTAssertTrue(plan.isRecorded)
    XCTAssertTrue(plan.hasNetwork)
  }

  func test_plan_whenNobodyAsks_leavesTheClusterAlone() {
    let plan = DemoPlan(chaos: .off, script: nil, isPrompt: false)

    XCTAssertFalse(plan.isRecorded)
    XCTAssertFalse(plan.hasNetwork)
  }
}
