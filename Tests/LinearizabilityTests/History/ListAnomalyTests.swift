import Linearizability
import XCTest

/// Each anomaly of list-append by name, and what is no anomaly.
final class ListAnomalyTests: XCTestCase {
  func test_judge_whenTransactionsFollowEachOther_findsNothing() throws {
    try expect(
      nil,
      """
      0 invoke [["append",1,1]]
      0 ok [["append",1,1]]
      1 invoke [["r",1,null],["append",1,2]]
      1 ok [["r",1,[1]],["append",1,2]]
      2 invoke [["r",1,null]]
      2 ok [["r",1,[1,2]]]
      """
    )
  }

  func test_judge_whenWhatFailedIsFound_namesAnAbortedRead() throws {
    try expect(
      "G1a",
      """
      0 invoke [["append",1,1]]
      0 fail [["append",1,1]]
      1 invoke [["r",1,null]]
      1 ok [["r",1,[1]]]
      """
    )
  }

  /// What stands in a read that was not answered is what was asked for, or nothing.
  func test_judge_whenAReadWithoutAnAnswerHasAList_takesItForNothing() throws {
    for ending in ["info", "fail"] {
      let text = """
        0 invoke txn - [["append",1,7],["r",1,[1]]]
        0 \(ending) txn - [["append",1,7],["r",1,[1]]]
        1 invoke txn - [["r",1,null]]
        1 ok txn - [["r",1,[]]]
        """
      XCTAssertEqual(try judged(.listAppend, text), .linearizable, ending)
    }
  }

  /// A client that tries again appends the same value.
  func test_judge_whenWhatFailedWasAppendedByAnother_decidesWithoutASearch() throws {
    var text = """
      0 invoke txn - [["append",1,1]]
      0 fail txn - [["append",1,1]]
      0 invoke txn - [["append",1,1]]
      0 ok txn - [["append",1,1]]
      0 invoke txn - [["r",1,null]]
      0 ok txn - [["r",1,[1]]]

      """
    for number in 0..<400 {
      text += "\(number % 40 + 1) invoke txn - [[\"append\",2,\(number)]]\n"
      if number % 40 == 39 {
        for process in 1...40 {
          text += "\(process) ok txn - [[\"append\",2,\(number - 40 + process)]]\n"
        }
      }
    }

    XCTAssertEqual(try judged(.listAppend, text), .linearizable)
  }

  func test_judge_whenHalfATransactionIsFound_namesAnIntermediateRead() throws {
    try expect(
      "G1b",
      """
      0 invoke [["append",1,1],["append",1,2]]
      1 invoke [["r",1,null]]
      1 ok [["r",1,[1]]]
      0 ok [["append",1,1],["append",1,2]]
      """
    )
  }

  func test_judge_whenTwoTransactionsSeeEachOther_namesCircularInformation() throws {
    try expect(
      "G1c",
      """
      0 invoke [["append",1,1],["r",2,null]]
      1 invoke [["append",2,2],["r",1,null]]
      0 ok [["append",1,1],["r",2,[2]]]
      1 ok [["append",2,2],["r",1,[1]]]
      """
    )
  }

  /// A cycle is looked for from 256 nodes, and these are taken by others.
  func test_judge_whenReadSkewBeginsBehindManyOthers_isCalledSoAllTheSame() throws {
    var all = [#"[["append","w",1],["append","v",1],["r","y",[1]]]"#]
    all += [#"[["append","x",1],["r","y",[]]]"#, #"[["append","y",1]]"#]
    let others = #"[["r","x",[]],["r","y",[1]],["r","w",[1]]]"#
    all += Array(repeating: others, count: 300)
    all += [#"[["r","w",[1]],["r","v",[]]]"#, #"[["r","x",[1]],["r","v",[1]]]"#]
    let begun = all.enumerated().map { "\($0) invoke \($1)" }
    let ended = all.enumerated().map { "\($0) ok \($1)" }

    try expect("G-single,", (begun + ended).joined(separator: "\n"))
  }

  func test_judge_whenListsShowOppositeOrders_namesAWriteCycle() throws {
    try expect(
      "G0",
      """
      0 invoke [["append",1,1],["append",2,1]]
      1 invoke [["append",1,2],["append",2,2]]
      0 ok [["append",1,1],["append",2,1]]
      1 ok [["append",1,2],["append",2,2]]
      2 invoke [["r",1,null],["r",2,null]]
      2 ok [["r",1,[1,2]],["r",2,[2,1]]]
      """
    )
  }

  func test_judge_whenNeitherSeesTheOther_namesAnAntiDependencyCycle() throws {
    try expect(
      "G2",
      """
      0 invoke [["r",1,null],["append",2,1]]
      1 invoke [["r",2,null],["append",1,2]]
      0 ok [["r",1,[]],["append",2,1]]
      1 ok [["r",2,[]],["append",1,2]]
      2 invoke [["r",1,null],["r",2,null]]
      2 ok [["r",1,[2]],["r",2,[1]]]
      """
    )
  }

  func test_judge_whenACycleLiesFarBehind_namesItAllTheSame() throws {
    // By its time the last read makes one large cycle of everything, and 300 come first.
    let many = (1...300).map {
      "0 invoke [[\"append\",\($0),1]]\n0 ok [[\"append\",\($0),1]]\n"
    }
    let writes = """
      0 invoke [["append","a",1],["append","b",1]]
      1 invoke [["append","a",2],["append","b",2]]
      0 ok [["append","a",1],["append","b",1]]
      1 ok [["append","a",2],["append","b",2]]
      2 invoke [["r","a",null],["r","b",null],["r",1,null]]
      2 ok [["r","a",[1,2]],["r","b",[2,1]],["r",1,[]]]
      """
    let reads = """
      0 invoke [["append","a",1],["r","b",null]]
      1 invoke [["append","b",2],["r","a",null]]
      0 ok [["append","a",1],["r","b",[2]]]
      1 ok [["append","b",2],["r","a",[1]]]
      2 invoke [["r",1,null]]
      2 ok [["r",1,[]]]
      """

    try expect("G0,", many.joined() + writes)
    try expect("G1c,", many.joined() + reads)
    let stale = "2 invoke [[\"r\",1,null]]\n2 ok [[\"r\",1,[]]]"
    try expect("G-single-realtime,", many.joined() + stale)
  }

  func test_judge_whenThereAreTwoCycles_namesTheWorse() throws {
    try expect(
      "G0,",
      """
      0 invoke [["r",1,null],["append",2,1]]
      1 invoke [["r",2,null],["append",1,2]]
      2 invoke [["append",3,1],["append",4,1]]
      3 invoke [["append",3,2],["append",4,2]]
      4 invoke [["r",1,null],["r",2,null],["r",3,null],["r",4,null]]
      0 ok [["r",1,[]],["append",2,1]]
      1 ok [["r",2,[]],["append",1,2]]
      2 ok [["append",3,1],["append",4,1]]
      3 ok [["append",3,2],["append",4,2]]
      4 ok [["r",1,[2]],["r",2,[1]],["r",3,[1,2]],["r",4,[2,1]]]
      """
    )
  }

  func test_judge_whenAReadMissesHalfATransaction_namesReadSkew() throws {
    try expect(
      "G-single",
      """
      0 invoke [["append",1,1],["append",2,1]]
      1 invoke [["r",1,null],["r",2,null]]
      0 ok [["append",1,1],["append",2,1]]
      1 ok [["r",1,[1]],["r",2,[]]]
      2 invoke [["r",2,null]]
      2 ok [["r",2,[1]]]
      """
    )
  }

  func test_judge_whenAReadMissesWhatHadEnded_namesTime() throws {
    try expect(
      "G-single-realtime",
      """
      0 invoke [["append",1,1]]
      0 ok [["append",1,1]]
      1 invoke [["r",1,null]]
      1 ok [["r",1,[]]]
      """
    )
  }

  func test_judge_whenOrdersAreIncompatible_saysSo() throws {
    try expect(
      "incompatible orders",
      """
      0 invoke [["append",1,1]]
      1 invoke [["append",1,2]]
      0 ok [["append",1,1]]
      1 ok [["append",1,2]]
      2 invoke [["r",1,null]]
      2 ok [["r",1,[1,2]]]
      3 invoke [["r",1,null]]
      3 ok [["r",1,[2,1]]]
      """
    )
  }

  func test_judge_whenAReadOfNullMissesWhatHadEnded_namesTime() throws {
    let text = """
      0 invoke [["append","x",1]]
      0 ok [["append","x",1]]
      1 invoke [["r","x",null]]
      1 ok [["r","x",null]]
      """

    try expect("G-single-realtime", text)
    try expect(nil, text) { $0.nullReads = .any }
  }

  func test_judge_whenAValueIsAppendedTwice_findsAnOrderAllTheSame() throws {
    let text = """
      0 invoke [["append",1,1]]
      0 ok [["append",1,1]]
      0 invoke [["append",1,1]]
      0 ok [["append",1,1]]
      1 invoke [["r",1,null]]
      """

    try expect(nil, text + "\n1 ok [[\"r\",1,[1,1]]]")
    try expect("", text + "\n1 ok [[\"r\",1,[1]]]")
  }

  func test_judge_whenATransactionReadsItsOwnLaterAppend_saysSo() throws {
    try expect(
      "internal",
      """
      0 invoke [["r","x",null],["append","x",1]]
      0 ok [["r","x",[1]],["append","x",1]]
      """
    )
  }

  /// `process type value` a line.
  private func expect(
    _ anomaly: String?,
    _ text: String,
    _ configure: (inout HistoryOptions) -> Void = { _ in }
  ) throws {
    var options = HistoryOptions()
    configure(&options)
    let lines = text.split(separator: "\n").map { line in
      let parts = line.split(separator: " ", maxSplits: 2)
      return
        "{\"process\":\(parts[0]),\"type\":\"\(parts[1])\",\"f\":\"txn\",\"value\":\(parts[2])}\n"
    }
    let history = try History(Array(lines.joined().utf8), for: .listAppend)

    let verdict = HistoryJudge(.listAppend, options: options).judge(history.keys[0].operations)

    switch verdict {
    case .linearizable: XCTAssertNil(anomaly, text)
    case .unknown(let reason): XCTFail(reason)
    case .notLinearizable(let finding):
      XCTAssertTrue(
        anomaly == "" || finding.sentence.hasPrefix(anomaly ?? "nothing"),
        "expected \(anomaly ?? "nothing"): \(finding)"
      )
    }
  }
}
