import Foundation
import Linearizability
import XCTest

final class DocumentJudgeTests: XCTestCase {
  /// How many histories are tried.
  private static let rounds =
    ProcessInfo.processInfo.environment["LOCKSTEP_HISTORIES"].flatMap { Int($0) } ?? 4_000

  func test_judge_whenHistoriesAreSmall_agreesWithBruteForce() {
    var histories = RandomDocuments(seed: 5)
    let machine = DocumentMachine()
    let brute = BruteForceJudge(model: machine)
    let judge = HistoryJudge(.document)
    var counts = (possible: 0, impossible: 0)

    for round in 0..<Self.rounds {
      let (operations, isGenuine) = histories.next(countMax: 7)
      let expected = brute.isLinearizable(machine.recorded(operations).operations)
      let verdict = judge.judge(operations)

      if expected { counts.possible += 1 } else { counts.impossible += 1 }
      guard expected || !isGenuine, (judge.search(operations) == .linearizable) == expected,
        verdict.word == (expected ? "linearizable" : "not_linearizable")
      else {
        let told = operations.map { "\($0.start)-\($0.end) \($0.ending) \($0.summary)" }
        return XCTFail(
          "round \(round), expected \(expected), genuine \(isGenuine): \(verdict)\n"
            + told.joined(separator: "\n")
        )
      }
    }
    XCTAssertGreaterThan(counts.possible, Self.rounds / 4)
    XCTAssertGreaterThan(counts.impossible, Self.rounds / 10)
  }

  func test_judge_whenAChangeWithALaterRevisionEndedBefore_saysSo() throws {
    let verdict = try Self.verdict(
      ("put", #""a""#, #"{"value":1}"#, #"{"revision":9}"#),
      ("put", #""b""#, #"{"value":1}"#, #"{"revision":8}"#)
    )

    guard case .notLinearizable(let finding) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertTrue(finding.sentence.contains("has the later revision, 9 behind 8"), "\(finding)")
    XCTAssertTrue(
      finding.sentence.hasSuffix("Its values alone do not contradict each other"),
      "\(finding)"
    )
  }

  func test_judge_whenAScanMissesWhatEarlierScanHad_namesTheScan() throws {
    let verdict = try Self.verdict(
      ("put", #""a""#, #"{"value":1}"#, #"{"revision":3}"#),
      ("scan", "null", "{}", #"{"items":[["a",1,3]]}"#),
      ("scan", "null", "{}", #"{"items":[]}"#)
    )

    guard case .notLinearizable(let finding) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertEqual(finding.operations, [2])
  }

  func test_judge_whenAStaleValueIsRead_saysWhatWasThere() throws {
    let verdict = try Self.verdict(
      ("put", #""a""#, #"{"value":1}"#, #"{"revision":3}"#),
      ("put", #""a""#, #"{"value":2}"#, #"{"revision":4}"#),
      ("get", #""a""#, "null", #"{"value":1,"revision":3}"#)
    )

    guard case .notLinearizable(let finding) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertTrue(finding.sentence.contains(#""a" could only be 2 at 4"#), "\(finding)")
    XCTAssertTrue(finding.sentence.hasSuffix("Its values alone fit no order"), "\(finding)")
  }

  func test_history_whenAnAnswerHasNoRevision_saysWhatIsNeeded() {
    XCTAssertThrowsError(
      try Self.verdict(("put", #""a""#, #"{"value":1}"#, #"{"existed":false}"#))
    ) { error in
      XCTAssertEqual(
        (error as? HistoryError)?.description,
        #"line 2: the answer to a put needs a "revision" above 0"#
      )
    }
  }

  /// Of operations that follow each other: function, key, argument, result.
  private static func verdict(
    _ calls: (String, String, String, String)...
  ) throws -> HistoryVerdict {
    var text = ""
    for (function, key, argument, result) in calls {
      let head = #"{"process":0,"f":"\#(function)","key":\#(key),"#
      text += head + #""type":"invoke","value":\#(argument)}"# + "\n"
      text += head + #""type":"ok","value":\#(result)}"# + "\n"
    }
    let history = try History(Array(text.utf8), for: .document)
    return HistoryJudge(.document).judge(history.keys[0].operations)
  }
}
