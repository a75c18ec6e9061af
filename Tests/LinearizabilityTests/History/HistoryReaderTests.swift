import Linearizability
import XCTest

final class HistoryReaderTests: XCTestCase {
  private let lines = """
    {"process":0,"type":"invoke","f":"cas","key":"k","value":[1,2],"time":5}
    {"process":0,"type":"ok","f":"cas","key":"k","value":[1,2],"time":9,"other":true}

    {"process":"nemesis","type":"info","f":"kill","value":"n1"}
    """

  func test_read_whenLinesAreJSON_findsEventsAndFaults() throws {
    let history = try History(Array(lines.utf8), for: .casRegister)

    XCTAssertEqual(history.operationCount, 1)
    XCTAssertEqual(history.faults.count, 1)
    let operation = history.keys[0].operations[0]
    XCTAssertEqual(history.keys[0].key, HistoryValue("k"))
    XCTAssertEqual(operation.argument, .list([.integer(1), .integer(2)]))
    XCTAssertEqual(operation.lines.begin, 1)
    XCTAssertEqual(operation.lines.end, 2)
    XCTAssertTrue(operation.isOK)
  }

  func test_read_whenTextComesInPieces_findsTheSame() throws {
    let text = Array(lines.utf8)
    let whole = try events(in: [text])

    for cut in text.indices {
      XCTAssertEqual(try events(in: [Array(text[..<cut]), Array(text[cut...])]), whole)
    }
    XCTAssertEqual(whole.count, 3)
  }

  func test_read_whenTextIsEDN_findsTheSameInAnyForm() throws {
    let maps = [
      "{:process 0, :type :invoke, :f :cas, :value [1 2], :index 0}",
      "{:process 0, :type :fail, :f :cas, :value [1 2], :error #{:a \"}\"}}",
    ]
    let forms = [
      maps.joined(separator: "\n"), "[" + maps.joined(separator: "\n ") + "]",
      "; a comment\n" + maps.joined(), "\n" + maps.joined(separator: "\n\n") + "\n",
    ]

    for form in forms {
      let events = try events(in: [Array(form.utf8)])
      XCTAssertEqual(events.map(\.kind), [.invoke, .fail], form)
      XCTAssertEqual(events.map(\.value), [1, 2].map { _ in .list([.integer(1), .integer(2)]) })
    }
  }

  func test_read_whenTextIsAConsoleLog_findsTheSame() throws {
    let text = """
      INFO  jepsen.util - 3\t:invoke\t:write\t4
      INFO  jepsen.util - 3\t:ok\t:write\t4
      7 :info :cas [0 1] :timed-out
      """

    let events = try events(in: [Array(text.utf8)])

    XCTAssertEqual(events.map(\.kind), [.invoke, .ok, .info])
    XCTAssertEqual(events.map(\.process), [.integer(3), .integer(3), .integer(7)])
    XCTAssertEqual(events[2].value, .list([.integer(0), .integer(1)]))
  }

  func test_read_whenAKeyIsNull_isAsIfThereWereNone() throws {
    let text = """
      {"process":0,"type":"invoke","f":"put","key":null,"value":1}
      {"process":0,"type":"ok","f":"put","value":1}
      {"process":0,"type":"invoke","f":"get"}
      {"process":0,"type":"ok","f":"get","value":null}
      """

    let history = try History(Array(text.utf8), for: .kv)

    XCTAssertEqual(history.keys.map(\.key), [nil])
    let verdict = HistoryJudge(.kv).judge(history.keys[0].operations)
    XCTAssertEqual(verdict.word, "not_linearizable")
  }

  func test_read_whenTextIsWrong_saysWhereAndWhat() {
    let invoke = #"{"process":1,"type":"invoke","f":"read"}"# + "\n"
    let map = "{:process 0, :type :invoke, :f :read}"
    let cases: [(text: String, line: Int, column: Int?, contains: String)] = [
      (invoke + #"{"process":1,"type":"ok",}"#, 2, 26, "expected a field name"),
      (invoke + #"{"type":"ok","f":"read"}"#, 2, 1, "\"process\" is missing"),
      (invoke + #"{"process":1,"type":"done","f":"read"}"#, 2, 1, "\"type\" must be"),
      (invoke + invoke, 2, 1, "that of line 1 is still open"),
      (#"{"process":1,"type":"ok","f":"read"}"#, 1, 1, "has none open"),
      (#"{"process":1,"type":"invoke","f":"push"}"#, 1, 1, "has no operation \"push\""),
      (invoke + #"{"process":1,"type":"ok","f":"write"}"#, 2, 1, "began as \"read\""),
      ("{:process 0, :type :invoke :f\n", 2, nil, "a value"),
      ("{:process 0, :type :invoke, :f :read}\n{:process [}", 2, 12, "expected"),
      (map + " " + map, 1, 39, "that of line 1 is still open"),
      ("\n [" + map + "\n  " + map, 3, 3, "that of line 2 is still open"),
      (map + "  {:process [}", 1, 51, "expected"),
      ("0 :invoke", 1, nil, "expected a value"),
      ("INFO  util - 3\n" + "INFO  util - 3 :invoke :read nil\n", 1, nil, "expected a value"),
      ("{:process 0, :type :invoke, :f :read, :value #_ 5 6}", 1, nil, "discarded"),
      ("INFO  util - 3 :invoke :push 4", 1, 14, "has no operation"),
      (#"{"process":1,"type":"invoke","f":"cas","value":3}"#, 1, 1, "[from, to]"),
    ]

    for (text, line, column, words) in cases {
      XCTAssertThrowsError(try History(Array(text.utf8), for: .casRegister), text) { error in
        let error = error as? HistoryError
        XCTAssertEqual(error?.line, line, text)
        if let column { XCTAssertEqual(error?.column, column, text) }
        XCTAssertTrue(
          error?.problem.contains(words) ?? false,
          "\(text): \(String(describing: error))"
        )
      }
    }
  }

  private func events(in pieces: [[UInt8]]) throws -> [HistoryEvent] {
    var reader = HistoryReader()
    var events: [HistoryEvent] = []
    for piece in pieces { events += try reader.read(piece) }
    return events + (try reader.finish())
  }
}
