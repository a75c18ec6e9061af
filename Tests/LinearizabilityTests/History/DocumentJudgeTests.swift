import Foundation
import Linearizability
import XCTest

final class DocumentJudgeTests: XCTestCase {
  /// How many histories are tried.
  private static let rounds =
    ProcessInfo.processInfo.environment["LOCKSTEP_HISTORIES"].flatMap { Int($0) } ?? 4_000

  func test_judge_whenHistoriesAreSmall_agreesWithBruteForce() {
    agree(RandomDocuments(seed: 5), countMax: 7, rounds: Self.rounds)
  }

  func test_judge_whenManyChangesAreHidden_agreesWithBruteForce() {
    var histories = RandomDocuments(seed: 7)
    (histories.keyCount, histories.operationsPerLoss, histories.spacing) = (3, 3, 5)
    agree(histories, countMax: 9, rounds: Self.rounds)
  }

  private func agree(_ documents: RandomDocuments, countMax: Int, rounds: Int) {
    var histories = documents
    let machine = DocumentMachine()
    let brute = BruteForceJudge(model: machine)
    let judge = HistoryJudge(.document)
    var counts = (possible: 0, impossible: 0)

    for round in 0..<rounds {
      let (operations, isGenuine) = histories.next(countMax: countMax)
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
    XCTAssertGreaterThan(counts.possible, rounds / 4)
    XCTAssertGreaterThan(counts.impossible, rounds / 25)
  }

  func test_judge_whenAChangeWithALaterRevisionEndedBefore_saysSo() throws {
    let verdict = try Self.verdict(
      ("put", #""a""#, #"{"value":1}"#, #"{"revision":9}"#),
      ("put", #""b""#, #"{"value":1}"#, #"{"revision":8}"#)
    )

    guard case .notLinearizable(let finding) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertTrue(finding.sentence.contains("has the later revision, 9 behind 8"), "\(finding)")
    XCTAssertTrue(
      finding.sentence.hasSuffix("Key by key, its values alone do not contradict each other"),
      "\(finding)"
    )
  }

  func test_judge_whenTheSearchByValuesGivesUp_saysSo() throws {
    var text = """
      0 invoke put k2 {"value":1}
      0 ok put k2 {"revision":7}
      0 invoke put k2 {"value":2}
      0 ok put k2 {"revision":7}

      """
    for number in 1...16 {
      text += "\(number) invoke put k1 {\"value\":\(number)}\n\(number) info put k1\n"
    }
    text += "0 invoke get k1\n0 ok get k1 {\"value\":99,\"revision\":9}\n"

    let verdict = try judged(.document, text)

    guard case .notLinearizable(let finding) = verdict else { return XCTFail("\(verdict)") }
    XCTAssertTrue(
      finding.sentence.hasSuffix("Whether its values alone fit an order was not found out"),
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

  func test_judge_whenScansOverlapWithHiddenDeletions_findsTheOrder() throws {
    let verdict = try judged(
      .document,
      """
      0 invoke put k1 {"value":1}
      0 ok put k1 {"revision":1}
      0 invoke put k2 {"value":2}
      0 ok put k2 {"revision":2}
      0 invoke put k3 {"value":3}
      0 ok put k3 {"revision":3}
      1 invoke delete k2
      1 info delete k2
      2 invoke delete k3
      2 info delete k3
      3 invoke put k1 {"value":9}
      4 invoke scan - {}
      5 invoke scan - {"from":"k2"}
      3 ok put k1 {"revision":9}
      4 ok scan - {"items":[["k1",1,1]]}
      5 ok scan - {"items":[["k2",2,2]]}
      """
    )

    XCTAssertEqual(verdict, .linearizable)
  }

  func test_judge_whenACountIsFarBelowZero_doesNotTrap() throws {
    let verdict = try Self.verdict(
      ("put", #""a""#, #"{"value":1}"#, #"{"revision":3}"#),
      ("count", "null", "{}", #"{"count":-9223372036854775808}"#)
    )

    XCTAssertTrue(verdict.isNotLinearizable, "\(verdict)")
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
        #"line 2, column 1: the answer to a put needs a "revision" above 0"#
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
