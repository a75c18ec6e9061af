import Foundation
import XCTest

@testable import Server

final class EventLogTests: XCTestCase {
  func test_line_inEachFormat_saysTheSame() {
    let cases: [(EventLog.Format, String)] = [
      (
        .human,
        #"^\d\d:\d\d:\d\d\.\d{3} info    n3 raft.leader.changed leader=n2 why="a \\"b\\""\n$"#
      ),
      (
        .logfmt,
        #"^ts=\S{24} level=info node=3 event=raft.leader.changed leader=n2 why="a \\"b\\""\n$"#
      ),
      (
        .json,
        #"^\{"node":3,"ts":"\S{24}","level":"info","event":"raft.leader.changed","#
          + #""leader":"n2","why":"a \\"b\\""\}\n$"#
      ),
    ]
    for (format, pattern) in cases {
      let lines = Lines()
      var log = EventLog(format: format, node: 3, sink: .lines { lines.append($0) })

      log.say(.info, "raft.leader.changed", [("leader", "n2"), ("why", #"a "b""#)])

      let line = lines.all.joined()
      XCTAssertNotNil(line.range(of: pattern, options: .regularExpression), "\(format): \(line)")
    }
  }

  func test_values_thatHoldControlCharacters_stayOnTheirLine() {
    let lines = Lines()
    var log = EventLog(format: .logfmt, node: 1, sink: .lines { lines.append($0) })

    log.say(.warning, "a", [("b", "x\n\u{1B}[31m\tlevel=error")])

    XCTAssertEqual(lines.all.joined().utf8.count { $0 < 0x20 }, 1, "only the line's own end")
    XCTAssertTrue(lines.contain(#"b="x\n\u001b[31m\tlevel=error""#))
  }

  func test_events_thatComeTooOften_areCountedInstead() {
    let lines = Lines()
    var log = EventLog(format: .logfmt, node: 1, sink: .lines { lines.append($0) })

    let start = Date()
    for _ in 0..<1_000 { log.say(.warning, "client.refused") }

    // Two seconds may have been touched, or more on a machine that stood still.
    let seconds = Int(Date().timeIntervalSince(start)) + 2
    XCTAssertLessThanOrEqual(lines.all.count, 21 * seconds - 1)
    XCTAssertGreaterThanOrEqual(lines.all.count, 20)
  }
}
