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
      ("an exit on a slow disk", exit, .diskSlow, 2, "failed"),
      ("an exit with a hung disk", exit, .diskHung, 2, "passed"),
      ("an exit before its disk was full", exit.noticed(at: -1), .diskFull, 2, "failed"),
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

  func test_word_whenTwoLedAtOnce_isFailed() {
    var result = result([sample(1_500_000, .ok, isRead: false)])
    result.leadershipProblem = "n1 and n3 both led in term 3"

    XCTAssertEqual(result.word, "failed")
    XCTAssertTrue(RunReport(result).json.description.contains("n1 and n3 both led"))
    XCTAssertTrue(ReportPage(RunReport(result)).html.contains("Two nodes led at once"))
  }

  func test_word_whenNobodyFeltAnyFault_isFaultsMissing() {
    var result = result([sample(1_500_000, .ok, isRead: false)])
    result.plan.faults = .kinds([.kill])
    for (count, word) in [(0, "faults_missing"), (1, "passed")] {
      result.faults = [
        RunFault(kind: .kill, targets: [2], from: 0, to: 1, feltCount: count, words: "")
      ]
      XCTAssertEqual(result.word, word)
    }
  }

  func test_word_whenACombinationDidNotDoWhatItIsFor_isFaultsMissing() throws {
    let damage = RunFault(
      kind: .fileCorrupt,
      targets: [2],
      from: 10,
      to: 20,
      feltCount: 1,
      words: ""
    )
    let leader = LeaderSight(at: 30, node: 2, term: 3)
    let (early, other) = (
      LeaderSight(at: 5, node: 2, term: 1), LeaderSight(at: 9, node: 1, term: 2)
    )
    let table: [(String, taken: Int, installs: Int, [LeaderSight], String)] = [
      ("crash-amid-snapshots", 0, 3, [], "faults_missing"),
      ("crash-amid-snapshots", 1, 0, [], "passed"),
      ("lagging-follower", 1, 0, [], "faults_missing"),
      ("lagging-follower", 1, 1, [], "passed"),
      ("corrupt-then-lead", 0, 0, [early, other], "faults_missing"),
      ("corrupt-then-lead", 0, 0, [early, other, leader], "passed"),
    ]
    for (name, taken, installs, leaders, word) in table {
      var result = result([sample(1_500_000, .ok, isRead: false)])
      result.plan.faults = .recipe(try XCTUnwrap(FaultRecipe.named(name)))
      result.faults = [damage]
      result.snapshots.taken = taken
      result.installs = installs
      result.leaders = leaders
      XCTAssertEqual(result.word, word, "\(name), \(taken), \(installs), \(leaders)")
    }
  }

  func test_campaignPage_whenItWasEndedEarly_doesNotSayThatEveryRunPassed() {
    let page = CampaignPage([], of: 3).html

    XCTAssertTrue(page.contains("0 of 3 runs were made"), page)
    XCTAssertFalse(page.contains("Every run passed"))
    XCTAssertTrue(CampaignPage([], of: 0).html.contains("Every run passed"))
  }
}

extension NodeEnd {
  fileprivate func noticed(at time: Int64) -> NodeEnd {
    var end = self
    end.at = time
    return end
  }
}
