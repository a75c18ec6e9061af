import ClientProtocol
import Foundation
import Glibc
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class ImportTests: XCTestCase {
  func test_lines_whenRead_comeWholeAndNumbered() throws {
    let long = String(repeating: "x", count: 600_000)
    let cases: [(text: String, lines: [String])] = [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]),
      ("a\n\nb\n", ["a", "", "b"]), ("\(long)\n\(long)\nend", [long, long, "end"]),
    ]

    for (text, expected) in cases {
      let folder = try Folder.makeTemporary("lockstep-test")
      defer { Folder.remove(folder) }
      try TextFile.create(folder + "/file", "")
      try text.write(toFile: folder + "/file", atomically: false, encoding: .utf8)

      var reader = try LineReader(folder + "/file")
      var found: [String] = []
      while let line = try reader.next() {
        found.append(String(decoding: line, as: UTF8.self))
        XCTAssertEqual(reader.line, found.count)
      }

      XCTAssertEqual(found, expected, String(text.prefix(20)))
    }
  }

  /// As a script that goes on writing is interrupted: what has come of a line is none.
  func test_lines_whenNobodyWantsThemAnyMore_end() throws {
    let folder = try Folder.makeTemporary("lockstep-test")
    defer { Folder.remove(folder) }
    XCTAssertEqual(mkfifo(folder + "/pipe", 0o600), 0)
    let writer = Glibc.open(folder + "/pipe", O_RDWR)
    defer { close(writer) }
    let text = "one\ntwo\nthr"
    XCTAssertEqual(write(writer, text, text.utf8.count), text.utf8.count)

    var reader = try LineReader(folder + "/pipe")
    let lines = [try reader.next(), try reader.next()]
    reader.isStopped = { true }

    XCTAssertEqual(lines, [Array("one".utf8), Array("two".utf8)])
    XCTAssertNil(try reader.next())
    XCTAssertNil(try reader.next())
  }

  func test_bytes_whenReadInOnePiece_areThoseOfTheFile() throws {
    let ends: [[UInt8]] = [[], [10], [10, 10], [0, 255, 10], [13, 10], [1]]

    for end in ends {
      let folder = try Folder.makeTemporary("lockstep-test")
      defer { Folder.remove(folder) }
      let bytes = [UInt8](repeating: 7, count: 600_000) + end
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/file"))

      var reader = try LineReader(folder + "/file")

      XCTAssertEqual(try reader.rest(), bytes, "\(end)")
    }
  }

  func test_file_whenItCannotBeOpened_isNamed() {
    XCTAssertThrowsError(try Self.open("/nowhere/file")) { error in
      let message = (error as? CommandFailure)?.message
      XCTAssertEqual(message, "/nowhere/file: no such file or directory")
    }
  }

  private static func open(_ path: String) throws {
    _ = try LineReader(path)
  }

  func test_document_whenMalformed_isPlacedInItsFile() {
    let cases: [(text: String, code: ErrorCode, part: String)] = [
      ("{\"a\":}", .invalidJSON, "line 17, column 6"),
      ("[1]", .invalidJSON, "line 17, column 1"),
      ("{\"a\":1} x", .invalidJSON, "line 17, column 9"),
      ("{\"a\":1,\"a\":2}", .duplicateField, "line 17, column"),
      ("{\"a\":1e400}", .numberOutOfRange, "line 17, column"),
      (String(repeating: "{\"a\":", count: 80), .nestingTooDeep, "line 17, column"),
    ]

    for (text, code, part) in cases {
      XCTAssertThrowsError(
        try DocumentArgument.parse(Array(text.utf8), place: "f.ndjson", firstLine: 17),
        text
      ) { error in
        let failure = error as? CommandFailure
        XCTAssertEqual(failure?.code, code.rawValue, text)
        XCTAssertTrue(failure?.message.hasPrefix("f.ndjson: ") ?? false, text)
        XCTAssertTrue(failure?.message.contains(part) ?? false, failure?.message ?? "")
      }
    }
  }

  func test_id_whenWrittenOnACommandLine_hasAKind() throws {
    let cases: [(word: String, json: String)] = [
      ("ada", "\"ada\""), ("42", "42"), ("-7", "-7"), ("\"42\"", "\"42\""), ("007", "\"007\""),
      ("1.5", "\"1.5\""), ("true", "\"true\""), ("", "\"\""),
      ("{\"$oid\":\"0123456789abcdef01234567\"}", "{\"$oid\":\"0123456789abcdef01234567\"}"),
    ]

    for (word, json) in cases {
      XCTAssertEqual(try DocumentArgument.id(word).json.text, json, word)
    }
    XCTAssertThrowsError(try DocumentArgument.id("{\"a\":"))
    XCTAssertThrowsError(try DocumentArgument.id("{\"$regularExpression\":1}"))
  }

  func test_tally_whenAcknowledged_findsTheLongestPause() {
    var tally = ImportTally(startedAt: 1_000)
    for time: UInt64 in [1_010, 1_020, 1_500, 1_510, 1_505, 1_600] { tally.acknowledge(at: time) }
    tally.fail(isOutcomeUnknown: false)
    for _ in 0..<2 { tally.fail(isOutcomeUnknown: true) }
    tally.skip()

    XCTAssertEqual(tally.acknowledged, 6)
    XCTAssertEqual([tally.failed, tally.unknown, tally.skipped], [1, 2, 1])
    XCTAssertEqual(tally.longestPause, 480)
    XCTAssertEqual(tally.acknowledgedBeforePause, 2)
  }

  func test_script_whenRead_keepsItsLineNumbers() throws {
    let script = try DemoScript(path: "s", text: "# begin\n\n\\status\n  \nlockstep version\n")

    XCTAssertEqual(script.lines.map(\.number), [3, 5])
    XCTAssertEqual(script.lines.map(\.text), ["\\status", "lockstep version"])
  }

  func test_script_whenALineIsWrong_isRefusedBeforeItBegins() {
    XCTAssertThrowsError(try DemoScript(path: "s", text: "\\status\n\\kill\n")) { error in
      let failure = error as? CommandFailure
      XCTAssertEqual(failure?.message, "s:2: '\\kill' cannot be read like this")
      XCTAssertEqual(failure?.exitCode, .usage)
    }
  }
}
