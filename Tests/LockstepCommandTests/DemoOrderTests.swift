import XCTest

@testable import LockstepCommand

final class DemoOrderTests: XCTestCase {
  func test_help_whenShown_listsItselfAmongTheOrders() {
    XCTAssertTrue(DemoOrder.helpLines.contains { $0.hasPrefix("\\help ") })
  }

  func test_order_whenMistyped_isAnsweredWithTheNearestOne() {
    XCTAssertThrowsError(try DemoOrder("\\evidense")) { error in
      XCTAssertEqual((error as? CommandFailure)?.hint, "did you mean '\\evidence'?")
    }
  }

  func test_line_whenWellFormed_isAnOrder() throws {
    let cases: [(text: String, order: DemoOrder)] = [
      ("", .nothing), ("   # a comment", .nothing), ("\\status", .status), ("\\wait", .wait),
      ("\\kill 2", .kill(.node(2), afterDocuments: nil)),
      ("\\kill leader", .kill(.leader, afterDocuments: nil)),
      (
        "  \\kill leader --after-documents 3000  # now",
        .kill(.leader, afterDocuments: 3_000)
      ),
      ("\\restart 1", .restart(1)), ("\\pause leader", .pause(.leader)),
      ("\\resume 3", .resume(3)), ("\\sleep 500ms", .sleep(microseconds: 500_000)),
      ("\\load", .load(microseconds: 10_000_000)), ("\\load 2s", .load(microseconds: 2_000_000)),
      ("\\quit", .quit), ("\\help", .help), ("\\heal", .heal), ("\\check", .check),
      ("\\partition n1|n2,n3", .partition([[1], [2, 3]])),
      ("\\partition 3,1|2", .partition([[3, 1], [2]])),
      ("lockstep version", .command(DemoWords.Line(words: ["version"]))),
      (
        "lockstep import a.ndjson things --rate 9 &",
        .command(
          DemoWords.Line(
            words: ["import", "a.ndjson", "things", "--rate", "9"],
            isBackground: true
          )
        )
      ),
      (
        "lockstep put c 'it''s' '{\"a\": \"#\"}' > out.json",
        .command(
          DemoWords.Line(words: ["put", "c", "its", "{\"a\": \"#\"}"], outputFile: "out.json")
        )
      ),
      (
        #"lockstep put "a \"b\" \\" ''"#,
        .command(DemoWords.Line(words: ["put", "a \"b\" \\", ""]))
      ),
      (
        "lockstep export c>x&",
        .command(DemoWords.Line(words: ["export", "c"], isBackground: true, outputFile: "x"))
      ),
    ]

    for (text, order) in cases {
      XCTAssertEqual(try DemoOrder(text), order, text)
    }
  }

  func test_line_whenWrong_isRefused() {
    let cases: [(text: String, message: String)] = [
      ("ls", "'ls' is neither an order nor lockstep"),
      ("\\kil 1", "there is no order '\\kil'"),
      ("\\kill", "'\\kill' cannot be read like this"),
      ("\\kill 0", "'0' is no number from 1 up"),
      ("\\kill leader --after 5", "'\\kill' cannot be read like this"),
      ("\\kill leader --after-documents many", "'many' is no number from 1 up"),
      ("\\restart leader", "'leader' is no number from 1 up"),
      ("\\sleep 5", "'5' is no duration; write 250ms, 5s or 2m"),
      ("\\partition n1", "'n1' names no sides; write n1|n2,n3"),
      ("\\partition 1|1,2", "'1|1,2' names no sides; write n1|n2,n3"),
      ("\\partition n1|", "'' is no number from 1 up"),
      ("\\partition nn1|2", "'n1' is no number from 1 up"),
      ("\\status &", "'\\status' takes neither & nor >"),
      ("lockstep put 'a", "the quote ' is never closed"),
      ("lockstep put \"a\\", "the quote \" is never closed"),
      ("lockstep export c >", "'>' needs one file behind it"),
      ("lockstep export c > a > b", "'>' needs one file behind it"),
      ("lockstep a & b", "'&' may stand only at the end of a line"),
    ]

    for (text, message) in cases {
      XCTAssertThrowsError(try DemoOrder(text), text) { error in
        XCTAssertEqual((error as? CommandFailure)?.message, message, text)
      }
    }
  }
}
