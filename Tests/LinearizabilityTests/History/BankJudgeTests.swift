import Linearizability
import XCTest

final class BankJudgeTests: XCTestCase {
  func test_history_whenATransferIsMalformed_saysTheLine() {
    let values = [
      #"{"from":"a","to":"b","amount":-1}"#, #"{"from":"a","to":"b","amount":1.5}"#,
      #"{"from":"a","to":"b"}"#, #"{"to":"b","amount":1}"#, "3",
    ]

    for value in values {
      XCTAssertThrowsError(try judged(.bank, "0 invoke transfer - \(value)"), value) { error in
        XCTAssertEqual(
          (error as? HistoryError)?.description,
          "line 1, column 1: the value of a transfer is {from, to, amount}, the amount whole and "
            + "not below 0"
        )
      }
    }
  }

  func test_history_whenAReadFoundNoBalances_saysTheLine() {
    for value in [#"{"a":1.5}"#, "[1]", #""a""#] {
      XCTAssertThrowsError(
        try judged(.bank, "0 invoke read -\n0 ok read - \(value)"),
        value
      ) { error in
        XCTAssertEqual((error as? HistoryError)?.line, 2)
      }
    }
  }

  func test_judge_whenAmountsAreHuge_doesNotTrap() throws {
    let most = Int64.max
    let transfer = #"{"from":"a","to":"b","amount":\#(most)}"#
    let lines = (0..<3).map { _ in "0 invoke transfer - \(transfer)\n0 ok transfer -\n" }
    let read = "0 invoke read -\n0 ok read - {\"a\":\(most),\"b\":\(most)}\n"

    for text in [lines.joined() + read, read + lines.joined()] {
      let verdict = try judged(.bank, text)

      XCTAssertTrue(verdict.isNotLinearizable, "\(verdict)")
    }
  }

  func test_judge_whenAReadOfNullSaysNothing_findsNothingWrong() throws {
    var options = HistoryOptions()
    options.nullReads = .any
    let text = """
      0 invoke read -
      0 ok read - {"a":1,"b":0}
      0 invoke read -
      0 ok read - null
      """

    let verdict = try judged(.bank, text, options: options)

    XCTAssertEqual(verdict, .linearizable)
  }
}
