import Linearizability
import XCTest

@testable import JepsenHarness

final class CallHistoryTests: XCTestCase {
  private typealias Register = RevisionedRegister

  /// A history of calls of which each has ended when the next one begins.
  private func history(_ calls: [(Register.Input, Register.Output?)]) -> CallHistory {
    let history = CallHistory()
    for (input, output) in calls {
      let place = history.open(input, of: "k")
      if let output { history.close(place, output) }
    }
    return history
  }

  func test_history_whenOneMachineCouldSaySo_isLinearizable() {
    let verdict = history([
      (.get, .absent), (.put([0x31]), .changed(revision: 4)),
      (.increment(by: 2), .counted(3, revision: 7)), (.insert([0x39]), .conflict),
      (.replace([0x38], ifRevision: 4), .conflict), (.put([0x35]), nil),
      (.get, .found(value: [0x35], revision: 9)), (.delete(ifRevision: 0), .changed(revision: 12)),
      (.get, .absent),
    ]).judge()

    XCTAssertEqual(verdict.name, "linearizable")
    XCTAssertEqual(verdict.keys, 1)
  }

  func test_history_whenAReadIsStale_isFoundAndShown() {
    let verdict = history([
      (.put([0x31]), .changed(revision: 4)), (.put([0x32]), .changed(revision: 5)),
      (.get, .found(value: [0x31], revision: 4)),
    ]).judge()

    XCTAssertEqual(verdict.name, "not linearizable")
    XCTAssertEqual(verdict.contradictions.first?.first, "k: number 2 of 3 fits nowhere")
    XCTAssertEqual(verdict.contradictions.first?.last, "  2 at 5: get -> 1 at 4, 6")
  }

  func test_history_whenAnAcknowledgedWriteIsLost_isFound() {
    let verdict = history([(.put([0x31]), .changed(revision: 4)), (.get, .absent)]).judge()

    XCTAssertEqual(verdict.name, "not linearizable")
  }

  func test_history_whenARefusedWriteIsRead_isFound() {
    let history = CallHistory()
    history.refuse(history.open(.put([0x31]), of: "k"))
    history.close(history.open(.get, of: "k"), .found(value: [0x31], revision: 4))

    XCTAssertEqual(history.judge().name, "not linearizable")
  }

  func test_keys_whenJudged_areJudgedEachByItself() {
    let history = CallHistory()
    history.close(history.open(.put([0x31]), of: "a"), .changed(revision: 9))
    history.close(history.open(.put([0x31]), of: "b"), .changed(revision: 4))

    let verdict = history.judge()

    XCTAssertEqual(verdict.keys, 2)
    XCTAssertEqual(verdict.name, "linearizable")
    XCTAssertEqual(history.judge(stepsMax: 0).undecided, ["a", "b"])
  }
}
