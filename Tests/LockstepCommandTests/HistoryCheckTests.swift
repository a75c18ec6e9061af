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
      let ending = try check(file, model, "--initial", initial)

      XCTAssertEqual(ending.status, .exited(2), "\(model): \(ending)")
      XCTAssertTrue(ending.errors.contains("--initial"), ending.errors)
      XCTAssertTrue(ending.errors.contains(words), ending.errors)
      XCTAssertEqual(ending.output, "")
    }
  }

  func test_keys_whenTheyAreIndependent_areJudgedApart() throws {
    let fine = try write(
      text: """
        {:process 0, :type :invoke, :f :write, :value [1 5]}
        {:process 0, :type :ok, :f :write, :value [1 5]}
        {:process 0, :type :invoke, :f :cas, :value [2 [5 6]]}
        {:process 0, :type :fail, :f :cas, :value [2 [5 6]]}
        {:process 0, :type :invoke, :f :read, :value [2 nil]}
        {:process 0, :type :ok, :f :read, :value [2 nil]}
        {:process 1, :type :invoke, :f :cas, :value [1 [5 7]]}
        {:process 1, :type :info, :f :cas, :error :timeout}

        """
    )

    let apart = try check(fine, "cas-register", "--independent")
    let together = try check(fine, "cas-register")

    XCTAssertEqual(apart.status, .exited(0), apart.errors)
    XCTAssertTrue(apart.output.contains("\"keys\":2"), apart.output)
    XCTAssertEqual(together.status, .exited(2), together.output)
    XCTAssertTrue(together.errors.contains("line 5"), together.errors)
    XCTAssertTrue(together.errors.contains("--independent"), together.errors)
  }

  func test_keys_whenOneOfThemHasNoOrder_isNamed() throws {
    let file = try write(
      "0 invoke write - [1,5]",
      "0 ok write - [1,5]",
      "0 invoke read - [1,null]",
      "0 ok read - [1,null]"
    )

    let ending = try check(file, "register", "--independent")

    XCTAssertEqual(ending.status, .exited(9), ending.errors)
    XCTAssertTrue(ending.output.contains("\"key\":1,"), ending.output)
  }

  func test_keys_whenTheyAreNotIndependent_areRefusedAsSuch() throws {
    let cases = [
      ("register", "0 invoke write - 5", "line 1", "[key, value]"),
      ("register", "0 invoke write k [1,5]", "line 1", "in the value"),
      ("list-append", "0 invoke txn - []", "--independent", "judges all keys together"),
    ]

    for (model, line, place, words) in cases {
      let ending = try check(try write(line), model, "--independent")

      XCTAssertEqual(ending.status, .exited(2), ending.output)
      XCTAssertTrue(ending.errors.contains(place), ending.errors)
      XCTAssertTrue(ending.errors.contains(words), ending.errors)
    }
  }

  private func check(
    _ file: String,
    _ model: String,
    _ flags: String...
  ) throws -> BuiltProgram.Ending {
    try program.run(["history", "check", file, "--model", model] + flags)
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
