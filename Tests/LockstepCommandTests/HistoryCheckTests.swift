import Foundation
import JepsenHarness
import XCTest

/// `history check` as a shell sees it: small files, and what is said of them.
final class HistoryCheckTests: ProgramTestCase {
  /// A register that is written twice, and then read as it was before.
  private static let stale = [
    "0 invoke put k 1", "0 ok put k 1", "0 invoke put k 2", "0 ok put k 2", "1 invoke get k",
    "1 ok get k 1",
  ]

  func test_check_whenHistoriesAreSmall_saysWhatTheyAre() throws {
    let write = ["0 invoke write - 1", "0 ok write - 1"]
    let added = ["0 invoke add - 1", "0 ok add - 1"]
    let failure = ["0 invoke cas - [1,2]", "0 fail cas - [1,2]"]
    let cases: [(lines: [String], model: String, flags: [String], status: Int32)] = [
      (Array(Self.stale.dropLast()) + ["1 ok get k 2"], "kv", [], 0),
      (Self.stale, "kv", [], 9),
      (["0 invoke read -", "0 ok read - 5"], "register", ["--initial", "5"], 0),
      (["0 invoke read -", "0 ok read - 5"], "register", [], 9),
      (["0 invoke read -", #"0 ok read - {"a":1}"#], "bank", ["--initial", #"{"a":1}"#], 0),
      (["0 invoke read -", #"0 ok read - {"a":1}"#], "bank", ["--initial", #"{"a":2}"#], 9),
      (write + failure, "cas-register", [], 0),
      (write + failure, "cas-register", ["--failed-cas", "constrain"], 9),
      (write + ["0 invoke read -", "0 ok read - null"], "register", [], 9),
      (write + ["0 invoke read -", "0 ok read - null"], "register", ["--nil-read", "any"], 0),
      (Self.stale, "kv", ["--by", "search"], 9),
      (["0 invoke read -", "0 ok read - null"], "set", [], 0),
      (added + ["0 invoke read -", "0 ok read - null"], "set", [], 9),
      (added + ["0 invoke read -", "0 ok read - null"], "set", ["--by", "search"], 9),
      (added + ["0 invoke read -", "0 ok read - null"], "set", ["--nil-read", "any"], 0),
    ]

    for (lines, model, flags, status) in cases {
      let ending = try check(self.write(lines), [model] + flags)

      XCTAssertEqual(ending.status, .exited(status), "\(lines) \(flags): \(ending)")
      let verdict = status == 0 ? "linearizable" : "not_linearizable"
      XCTAssertTrue(ending.output.contains("\"verdict\":\"\(verdict)\""), ending.output)
      XCTAssertEqual(ending.errors.isEmpty, status == 0, ending.errors)
    }
  }

  func test_check_whenALineIsWrong_saysWhereAndWhat() throws {
    let invoke = Self.event("0 invoke read -")
    let cases: [(text: String, place: String, words: String)] = [
      (invoke + "\n" + #"{"process":1,"type":"ok",}"#, "line 2, column 26", "field name"),
      (Self.event("0 invoke push -"), "line 1, column 1", "has no operation \"push\""),
      (invoke + "\n " + invoke, "line 2, column 2", "that of line 1 is still open"),
      (#"{"process":1,"f":"read"}"#, "line 1, column 1", "\"type\" must be"),
    ]

    for (text, place, words) in cases {
      let ending = try check(write(text: text), ["register"])

      XCTAssertEqual(ending.status, .exited(2), ending.output)
      XCTAssertTrue(ending.errors.contains("\(folder)/h.ndjson, \(place): "), ending.errors)
      XCTAssertTrue(ending.errors.contains(words), ending.errors)
      XCTAssertEqual(ending.output, "")
    }
  }

  func test_check_whenTheFileIsAFolder_isAsWrongAsNoFile() throws {
    XCTAssertEqual(try check(folder, ["register"]).status, .exited(2))
  }

  func test_check_whenMoreIsToBeShownThanFits_showsWhatIsStuckAndSaysHowMuchElse() throws {
    let transfer = #"{"from":"b","to":"a","amount":1}"#
    let lines = (0..<14).flatMap { _ in
      ["0 invoke transfer - \(transfer)", "0 ok transfer - \(transfer)"]
    }

    let ending = try check(
      write(lines),
      ["bank", "--initial", #"{"a":0,"b":13}"#, "-o", "table"]
    )

    XCTAssertEqual(ending.status, .exited(9), ending.errors)
    let told = ending.output.split(separator: "\n").count { $0.hasPrefix("    process 0: ") }
    XCTAssertEqual(told, 12, ending.output)
    XCTAssertTrue(ending.output.contains("and 2 more"), ending.output)
  }

  /// What is no transaction fits no order: a verdict on it would be a guess.
  func test_check_whenATransactionIsNone_saysWhere() throws {
    let fine = Self.event(#"0 invoke txn - [["append",1,1]]"#)
    let cases = [
      (Self.event("0 invoke txn - 5"), "line 1, column 1"),
      (Self.event(#"0 invoke txn - [["push",1,1]]"#), "line 1, column 1"),
      (fine + "\n " + Self.event(#"0 ok txn - [["r",1,2]]"#), "line 2, column 2"),
    ]

    for (text, place) in cases {
      for by in ["values", "search"] {
        let ending = try check(write(text: text), ["list-append", "--by", by])

        XCTAssertEqual(ending.status, .exited(2), "\(text) \(by): \(ending)")
        XCTAssertTrue(ending.errors.contains("\(place): the value of a txn is"), ending.errors)
        XCTAssertEqual(ending.output, "")
      }
    }
  }

  func test_check_whenThereIsNoOrder_showsTheWindow() throws {
    let file = try write(Self.stale)

    let text = try check(file, ["kv", "-o", "table"])
    let json = try check(file, ["kv", "-o", "json"])

    for words in [
      "not linearizable – 3 operations, 1 keys, 2 processes", "key \"k\"",
      "get → 1 (lines 5 and 6) could have found 2", "Everything before line 6 has an order",
      "None of these can be left out:", "process 0: put 2 (lines 3 and 4)",
    ] {
      XCTAssertTrue(text.output.contains(words), "\(words): \(text.output)")
    }
    XCTAssertTrue(text.errors.contains("(not_linearizable)"), text.errors)
    for words in [
      #""key":"k""#, #""is_minimal":true"#, #""could_have_found":[2]"#, #""ended_in_line":6"#,
    ] {
      XCTAssertTrue(json.output.contains(words), "\(words): \(json.output)")
    }
  }

  func test_check_whenAPageIsAskedFor_drawsContradictionsOnly() throws {
    let page = folder + "/why.html"
    let fine = try check(write(["0 invoke put k 1"]), ["kv", "--html", page])

    XCTAssertEqual(fine.status, .exited(0), fine.errors)
    XCTAssertTrue(fine.errors.contains("is not written"), fine.errors)
    XCTAssertFalse(Folder.exists(page))

    let drawn = try check(write(Self.stale), ["kv", "--html", page])
    let again = try check(write(Self.stale), ["kv", "--html", page])

    XCTAssertEqual(drawn.status, .exited(9), drawn.errors)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    XCTAssertTrue(text.contains("not linearizable, key &quot;k&quot;"), text)
    XCTAssertEqual(again.status, .exited(2), again.errors)
    XCTAssertTrue(again.errors.contains("exists already"), again.errors)
    XCTAssertEqual(again.output, "", "nothing is judged before that is known")
  }

  func test_check_whenThereAreSeveralFiles_theWorstCounts() throws {
    let fine = try write(["0 invoke put k 1"], to: "fine")
    let stale = try write(Self.stale, to: "stale")
    let empty = try write(text: "", to: "empty")
    let broken = try write(text: "{", to: "broken")
    let cases: [(files: [String], status: Int32, verdicts: Int)] = [
      ([fine, fine], 0, 2), ([fine, stale, empty], 9, 3), ([empty, fine], 5, 2),
      ([stale, broken], 2, 0), ([fine, folder + "/none"], 2, 0),
    ]

    for (files, status, verdicts) in cases {
      let ending = try program.run(["history", "check"] + files + ["--model", "kv"])

      XCTAssertEqual(ending.status, .exited(status), "\(files): \(ending)")
      XCTAssertEqual(
        ending.output.components(separatedBy: "\"verdict\"").count - 1,
        verdicts,
        ending.output
      )
    }
  }

  func test_initial_whenTheModelHasNone_isRefused() throws {
    let file = try write(["0 invoke get k", "0 ok get k 1"])
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
      let ending = try check(file, [model, "--initial", initial])

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

    let apart = try check(fine, ["cas-register", "--independent"])
    let together = try check(fine, ["cas-register"])

    XCTAssertEqual(apart.status, .exited(0), apart.errors)
    XCTAssertTrue(apart.output.contains("\"keys\":2"), apart.output)
    XCTAssertEqual(together.status, .exited(2), together.output)
    XCTAssertTrue(together.errors.contains("line 5"), together.errors)
    XCTAssertTrue(together.errors.contains("--independent"), together.errors)
  }

  func test_keys_whenOneOfThemHasNoOrder_isNamed() throws {
    let file = try write([
      "0 invoke write - [1,5]", "0 ok write - [1,5]", "0 invoke read - [1,null]",
      "0 ok read - [1,null]",
    ])

    let ending = try check(file, ["register", "--independent"])

    XCTAssertEqual(ending.status, .exited(9), ending.errors)
    XCTAssertTrue(ending.output.contains("\"key\":1,"), ending.output)
  }

  /// A key that no time is enough for hides no contradiction of another.
  func test_keys_whenOneIsTooHard_areJudgedAllTheSame() throws {
    // Which of 36 exchanges among nine values came first is a long search.
    let exchanges = (0..<9).flatMap { value in
      [1, 2, 4, 5].map { "[1,[\(value),\((value + $0) % 9)]]" }
    }
    var lines = exchanges.enumerated().map { "\($0 + 2) invoke cas - \($1)" }
    lines += exchanges.enumerated().map { "\($0 + 2) ok cas - \($1)" }
    lines += [
      "0 invoke read - [1,null]", "0 ok read - [1,5]",
      "1 invoke cas - [2,[0,1]]", "1 ok cas - [2,[0,1]]", "1 invoke cas - [2,[1,0]]",
      "1 ok cas - [2,[1,0]]", "1 invoke read - [2,null]", "1 ok read - [2,1]",
    ]
    let options = ["cas-register", "--independent", "--initial", "0", "--timeout", "3s"]

    let ending = try check(try write(lines), options)

    XCTAssertEqual(ending.status, .exited(9), ending.errors)
    XCTAssertTrue(ending.output.contains("\"key\":2,"), ending.output)
  }

  func test_keys_whenTheyAreNotIndependent_areRefusedAsSuch() throws {
    let cases = [
      ("register", "0 invoke write - 5", "line 1", "[key, value]"),
      ("register", "0 invoke write k [1,5]", "line 1", "in the value"),
      ("list-append", "0 invoke txn - []", "--independent", "judges all keys together"),
    ]

    for (model, line, place, words) in cases {
      let ending = try check(write([line]), [model, "--independent"])

      XCTAssertEqual(ending.status, .exited(2), ending.output)
      XCTAssertTrue(ending.errors.contains(place), ending.errors)
      XCTAssertTrue(ending.errors.contains(words), ending.errors)
    }
  }

  private func check(_ file: String, _ model: [String]) throws -> BuiltProgram.Ending {
    try program.run(["history", "check", file, "--model"] + model)
  }

  /// Writes a history, `process type f key value` a line, `-` for no key; its path.
  private func write(_ lines: [String], to name: String = "h.ndjson") throws -> String {
    try write(text: lines.map { Self.event($0) + "\n" }.joined(), to: name)
  }

  private func write(text: String, to name: String = "h.ndjson") throws -> String {
    let path = folder + "/" + name
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
