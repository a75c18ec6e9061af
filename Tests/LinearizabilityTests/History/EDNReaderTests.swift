import Linearizability
import XCTest

/// What is read of Jepsen's own notation.
final class EDNReaderTests: XCTestCase {
  func test_read_whenCommentsHoldQuotesAndBraces_losesNothing() throws {
    let text = """
      ; pulled the 5" cable, {
      {:process 0, :type :invoke, :f :write, :value 1} ; 5" again }
      #jepsen.history.Op{:process 0, :type :ok, :f :write, :value 1 ; a } within
      }
      ; the last "
      {:process 1, :type :invoke, :f :read}
      """

    let events = try Self.events(text)

    XCTAssertEqual(events.map(\.kind), [.invoke, .ok, .invoke])
    XCTAssertEqual(events.map(\.line), [2, 3, 6])
    for cut in text.utf8.indices { XCTAssertEqual(try Self.events(text, cutAt: cut), events) }
  }

  func test_read_whenCharactersLookLikeBrackets_areText() throws {
    let text = #"{:process 0, :type :info, :f :x, :value [\" \{ \a \newline \;]}"#

    let events = try Self.events("[" + text + "]")

    XCTAssertEqual(events[0].value, .list(["\"", "{", "a", "\n", ";"].map { HistoryValue($0) }))
  }

  func test_read_whenTextIsLeftOver_saysWhere() {
    let event = "{:process 0, :type :invoke, :f :read}"
    let cases = [
      ("{", 1), (" {\n", 1), (event + "\n{:process 0", 2), (event + "\n:process 0", 2),
      (event + " x " + event, 1), (event + "\n}\n" + event, 2), (event + "\n\"", 2),
    ]

    for (text, line) in cases {
      XCTAssertThrowsError(try Self.events(text), text) { error in
        XCTAssertEqual((error as? HistoryError)?.line, line, "\(text): \(error)")
      }
    }
  }

  func test_read_whenValuesAreWrittenDifferently_areEqual() throws {
    let pairs = [
      ("{:a 1, :b 2}", "{:b 2, :a 1}"), ("#{1 2 3}", "#{3 1 2}"), ("1", "1.0"), ("NaN", "NaN"),
      ("##NaN", "##NaN"), ("[inf]", #"["inf"]"#), ("+5", "5"), ("7N", "7"), ("-2.0", "-2"),
    ]

    for (one, other) in pairs {
      let events = try Self.events(
        [one, other].map { "{:process 0, :type :info, :f :x, :value \($0)}" }.joined()
      )
      XCTAssertEqual(events[0].value, events[1].value, one)
    }
    XCTAssertEqual(HistoryValue(json: #"{"a":1,"b":2}"#), HistoryValue(json: #"{"b":2,"a":1}"#))
  }

  func test_read_whenANumberIsTooLarge_saysSo() throws {
    for number in ["9223372036854775808", "-12345678901234567890", "1e999"] {
      XCTAssertThrowsError(
        try Self.events("{:process 0, :type :info, :f :x, :value \(number)}"),
        number
      )
    }
  }

  private static func events(_ text: String, cutAt cut: String.Index? = nil) throws
    -> [HistoryEvent]
  {
    var reader = HistoryReader()
    let cut = cut ?? text.endIndex
    let first = try reader.read(Array(text.utf8[..<cut]))
    return try first + reader.read(Array(text.utf8[cut...])) + reader.finish()
  }
}
