import Foundation
import Linearizability
import XCTest

@testable import LockstepCommand

final class HistoryPageTests: XCTestCase {
  /// A write of 1 by process 0, a read that misses it by process 1, and one that finds it.
  private func history(_ faults: [String]) throws -> History {
    XCTAssertEqual(faults.count, 3, "one before the stale read, one behind it, one at the end")
    let lines = [
      #"{"process":0,"type":"invoke","f":"write","value":1}"#,
      #"{"process":0,"type":"ok","f":"write","value":1}"#,
      faults[0],
      #"{"process":1,"type":"invoke","f":"read","value":null}"#,
      #"{"process":1,"type":"ok","f":"read","value":null}"#,
      faults[1],
      #"{"process":0,"type":"invoke","f":"read","value":null}"#,
      #"{"process":0,"type":"ok","f":"read","value":1}"#,
      faults[2],
    ]
    return try History(Array(lines.joined(separator: "\n").utf8), for: .register)
  }

  private func fault(_ name: String, _ type: String = "info", value: String = "null") -> String {
    #"{"process":"nemesis","type":"\#(type)","f":"\#(name)","value":\#(value)}"#
  }

  /// What the page draws, as its script finds it.
  private func drawn(_ history: History) throws -> [String: Any] {
    let operations = history.keys[0].operations
    let window = try XCTUnwrap(HistoryWindow(of: operations, by: HistoryJudge(.register)))
    let html = HistoryPage("a <title>", [], of: operations, in: history, around: window).html
    XCTAssertTrue(html.contains("<h1>a &lt;title></h1>"), html)
    let begin = try XCTUnwrap(html.range(of: #"<script id="data" type="application/json">"#))
    let rest = html[begin.upperBound...]
    let end = try XCTUnwrap(rest.range(of: "</script>"))
    let json = try JSONSerialization.jsonObject(with: Data(rest[..<end.lowerBound].utf8))
    return try XCTUnwrap(json as? [String: Any])
  }

  /// The faults as they are shaded: where each begins and ends, and its words.
  private func shaded(_ faults: [String]) throws -> [String] {
    let list = try XCTUnwrap(try drawn(history(faults))["faults"] as? [[String: Any]])
    return list.map { fault in
      "\(fault["from"] ?? "")–\(fault["to"] ?? "") \(fault["text"] ?? "")"
    }
  }

  func test_faults_whenTheyBeginAndEnd_areShadedBetween_howeverThatIsWritten() throws {
    let other = fault("other")
    let table: [(String, [String], [String])] = [
      (
        "the harness",
        [fault("begin kill", value: #"{"nodes":[1]}"#), fault("end kill"), other],
        [#"2–5 kill {"nodes":[1]}"#]
      ),
      (
        "the demo, until all is healed",
        [fault("begin pause n1"), fault("begin kill n2"), fault("healed")],
        ["2–8 pause n1", "5–8 kill n2"]
      ),
      ("Jepsen", [fault("start-partition"), fault("stop-partition"), other], ["2–5 partition"]),
      ("types", [fault("kill", "invoke"), fault("kill", "ok"), other], ["2–5 kill"]),
      (
        "no end",
        [fault("begin kill"), fault("end pause"), other], ["5–5 end pause", "2–8 kill"]
      ),
      ("moments", [fault("kill"), fault("kill"), other], ["2–2 kill", "5–5 kill"]),
    ]

    for (name, faults, expected) in table {
      XCTAssertEqual(try shaded(faults), expected, name)
    }
  }

  func test_page_whenNothingExplainsARead_drawsItAsStuck_withItsClientOnTop() throws {
    let all = try drawn(history([fault("a"), fault("b"), fault("c")]))
    let bars = try XCTUnwrap(all["bars"] as? [[String: Any]])
    let stuck = try XCTUnwrap(bars.first { $0["state"] as? String == "stuck" })

    XCTAssertEqual(Set(try XCTUnwrap(all["lanes"] as? [String])), ["0", "1"])
    XCTAssertEqual(bars.count, 3)
    XCTAssertEqual(stuck["start"] as? Int, 3)
    XCTAssertEqual(stuck["end"] as? Int, 4)
    XCTAssertEqual(all["left_out"] as? Int, 0)
  }
}
