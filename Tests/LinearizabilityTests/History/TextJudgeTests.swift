import Linearizability
import XCTest

/// The model `append`.
final class TextJudgeTests: XCTestCase {
  func test_judge_whenAGetOfNullSaysNothing_findsNothingWrong() throws {
    var options = HistoryOptions()
    let text = """
      0 invoke append k "a"
      0 ok append k "a"
      0 invoke get k
      0 ok get k null
      """

    XCTAssertTrue(try judged(.append, text, options: options).isNotLinearizable)
    options.nullReads = .any
    XCTAssertEqual(try judged(.append, text, options: options), .linearizable)
  }

  func test_history_whenAPutIsNoText_saysTheLine() {
    for value in ["null", "3"] {
      XCTAssertThrowsError(try judged(.append, "0 invoke put k \(value)"), value) { error in
        XCTAssertEqual(
          (error as? HistoryError)?.description,
          "line 1, column 1: the value of a put is text"
        )
      }
    }
  }
}
