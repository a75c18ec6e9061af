import Glibc
import XCTest

@testable import JepsenHarness

final class RunResultTests: XCTestCase {
  /// A run of a second and a quiet one.
  private func result(_ samples: [CallSample]) -> RunResult {
    RunResult(
      plan: RunPlan(binaries: ["lockstep"], folder: "run"),
      verdict: RunVerdict(word: "linearizable", judge: "kv"),
      samples: samples,
      leaders: [],
      faults: [],
      recovery: RunResult.Recovery(milliseconds: 1),
      faultTime: 1_000_000
    )
  }

  private func sample(_ began: Int64, _ ending: CallSample.Ending, isRead: Bool) -> CallSample {
    CallSample(began: began, took: 1_000, ending: ending, isRead: isRead)
  }

  func test_word_whenNothingSucceedsInTheQuietTime_isNotRecovered() {
    let early = [sample(0, .ok, isRead: false), sample(0, .ok, isRead: true)]
    let write = sample(1_500_000, .ok, isRead: false)
    let read = sample(1_500_000, .ok, isRead: true)
    let lostWrite = sample(1_500_000, .info, isRead: false)
    let lostRead = sample(1_500_000, .fail, isRead: true)
    let table: [(String, [CallSample], String)] = [
      ("both", early + [lostRead, lostWrite, read, write], "passed"),
      ("no reads at all", [write], "passed"),
      ("nothing", [], "not_recovered"),
      ("nothing later", early, "not_recovered"),
      ("all fail", early + [lostRead, lostWrite], "not_recovered"),
      ("only reads", early + [read, lostWrite], "not_recovered"),
      ("only writes", early + [write, lostRead], "not_recovered"),
    ]

    for (name, samples, word) in table { XCTAssertEqual(result(samples).word, word, name) }
  }

  /// A node that says why it cannot go on may be right; one that breaks down never is.
  func test_word_whenANodeEndedByItself_isFailed_unlessItsDiskOrMembershipWasStruck() {
    let crash = NodeEnd(node: 2, end: .signalled(SIGTRAP), words: "a vote was forgotten")
    let exit = NodeEnd(node: 2, end: .exited(1), words: "no room")
    let table: [(String, NodeEnd, FaultKind, Int, String)] = [
      ("a crash", crash, .kill, 2, "failed"),
      ("a crash on a full disk", crash, .diskFull, 2, "failed"),
      ("an exit", exit, .kill, 2, "failed"),
      ("an exit on a full disk", exit, .diskFull, 2, "passed"),
      ("an exit beside a full disk", exit, .diskFull, 1, "failed"),
      ("an exit with damaged files", exit, .fileCorrupt, 2, "passed"),
      ("an exit of a member removed", exit, .memberRemove, 2, "passed"),
    ]

    for (name, end, kind, target, word) in table {
      var result = result([sample(1_500_000, .ok, isRead: false)])
      result.ends = [end]
      result.faults = [
        RunFault(kind: kind, targets: [target], from: 0, to: 1, feltCount: 1, words: "")
      ]
      XCTAssertEqual(result.word, word, name)
      XCTAssertEqual(result.endProblem, word == "passed" ? nil : end.description, name)
      let json = RunReport(result).json.description
      XCTAssertTrue(json.contains("\"ended_by_themselves\":[\"n2 "), json)
    }
  }

  func test_campaignPage_whenItWasEndedEarly_doesNotSayThatEveryRunPassed() {
    let page = CampaignPage([], of: 3).html

    XCTAssertTrue(page.contains("0 of 3 runs were made"), page)
    XCTAssertFalse(page.contains("Every run passed"))
    XCTAssertTrue(CampaignPage([], of: 0).html.contains("Every run passed"))
  }
}
