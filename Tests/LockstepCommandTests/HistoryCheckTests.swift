import Foundation
import JepsenHarness
import XCTest

/// `history check` as a shell sees it: small files, and what is said of them.
final class HistoryCheckTests: ProgramTestCase {
  func test_initial_whenTheModelHasNone_isRefused() throws {
    let file = try write("0 invoke get k", "0 ok get k 1")
    let cases = [
      ("kv", "1", "the model kv always begins empty"),
      ("append", "\"a\"", "the model append always begins empty"),
      ("set", "[1]", "the model set always begins empty"),
      ("list-append", "{}", "the model list-append always begins empty"),
      ("document", "{}", "the model document always begins empty"),
      ("bank", "[1]", "whole numbers by account"), ("bank", "{\"a\":-1}", "none of them below 0"),
      ("register", "a", "is no JSON value"),
    ]

    for (model, initial, words) in cases {
      let ending = try program.run(
        ["history", "check", file, "--model", model, "--initial", initial]
      )

      XCTAssertEqual(ending.status, .exited(2), "\(model): \(ending)")
      XCTAssertTrue(ending.errors.contains("--initial"), ending.errors)
      XCTAssertTrue(ending.errors.contains(words), ending.errors)
      XCTAssertEqual(ending.output, "")
    }
  }

  /// Writes a history, `process type f key value` a line, `-` for no key; its path.
  private func write(_ lines: String...) throws -> String {
    try write(text: lines.map(Self.event).joined(separator: "\n") + "\n")
  }

  private func write(text: String) throws -> String {
    let path = folder + "/h.ndjson"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private static func event(_ line: String) -> String {
    let parts = line.split(separator: " ", maxSplits: 4)
    let key = parts[3] == "-" ? "" : "\"key\":\"\(parts[3])\","
    return
      "{\"process\":\(parts[0]),\"type\":\"\(parts[1])\",\"f\":\"\(parts[2])\",\(key)"
      + "\"value\":\(parts.count > 4 ? parts[4] : "null")}"
  }
}
