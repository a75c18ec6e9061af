import ClientProtocol
import XCTest

@testable import LockstepCommand

final class CommandParserTests: XCTestCase {
  private static let table = CommandTable(commands: [
    CommandRow(
      "kv put",
      "sets a key",
      arguments: [Argument("KEY", "the key"), Argument("VALUE", "the value")],
      flags: [Flag("if-revision", .integer(0...Int.max), "only at this revision")],
      action: { _ throws(CommandFailure) in }
    ),
    CommandRow("kv get", "reads a key", arguments: [Argument("KEY", "")], action: ignore),
    CommandRow(
      "genesis create",
      "makes a cluster's birth certificate",
      flags: [
        Flag("nodes", .text("LIST"), "members", isRequired: true),
        Flag("base-port", .integer(1...65_535), "port", fallback: "7310"),
        Flag("fast", .toggle, "hurry"),
      ],
      action: ignore
    ),
    CommandRow("node seat ls", "shows seats", action: ignore),
    CommandRow(
      "node seat add",
      "adds a seat",
      arguments: [Argument("ID", "")],
      action: ignore
    ),
    CommandRow("node status", "shows all", action: ignore),
    CommandRow("demo", "shows", arguments: [Argument("NAME", "", .repeated)], action: ignore),
  ])

  private static let ignore: CommandRow.Action = { _ throws(CommandFailure) in }

  private func parse(
    _ line: String,
    environment: [String: String] = [:],
    file: String? = nil
  ) throws -> CommandParser.Request {
    let surroundings = Surroundings(environment: environment) { path in
      path == "/home/ada/.config/lockstep/config" || path == "named" ? file : nil
    }
    let words = line.split(separator: " ").map(String.init)
    return try CommandParser(table: Self.table, surroundings: surroundings).parse(words)
  }

  private func invocation(
    _ line: String,
    environment: [String: String] = [:],
    file: String? = nil
  ) throws -> Invocation {
    guard case .run(let invocation) = try parse(line, environment: environment, file: file) else {
      throw CommandFailure.usage("'\(line)' asks for help")
    }
    return invocation
  }

  func test_words_whenWellFormed_becomeCommandAndArguments() throws {
    let cases: [(line: String, command: String, arguments: [String])] = [
      ("kv put a b", "kv put", ["a", "b"]),
      ("--url lockstep://h:1/x kv put a b", "kv put", ["a", "b"]),
      ("kv put a --if-revision=7 b", "kv put", ["a", "b"]),
      ("kv put a -5", "kv put", ["a", "-5"]),
      ("kv put a -", "kv put", ["a", "-"]),
      ("kv put -- --a --b", "kv put", ["--a", "--b"]),
      ("demo x y z", "demo", ["x", "y", "z"]),
      ("kv get help", "kv get", ["help"]),
    ]

    for (line, command, arguments) in cases {
      let found = try invocation(line)

      XCTAssertEqual(found.command.name, command, line)
      XCTAssertEqual(found.arguments, arguments, line)
    }
  }

  func test_words_whenWrong_areRefusedWithAHint() {
    let cases: [(line: String, message: String, hint: String?)] = [
      ("genezis create", "there is no command 'genezis'", "did you mean 'lockstep genesis'?"),
      ("kv", "'kv' needs a verb", "one of put, get"),
      ("kv gte a", "'kv' has no verb 'gte'", "lockstep kv get"),
      ("kv frobnicate", "'kv' has no verb 'frobnicate'", "one of put, get"),
      ("node", "'node' needs a verb", "one of seat, status"),
      ("node seat", "'node seat' needs a verb", "one of ls, add"),
      ("node seat ad 3", "'node seat' has no verb 'ad'", "lockstep node seat add"),
      ("node sat ls", "'node' has no verb 'sat'", "lockstep node seat"),
      ("seat", "there is no command 'seat'", "did you mean 'lockstep node seat'?"),
      ("xylophone", "there is no command 'xylophone'", "lockstep --help"),
      ("creat", "there is no command 'creat'", "did you mean 'lockstep genesis create'?"),
      ("kv put a", "VALUE is missing", "lockstep kv put KEY VALUE [flags]"),
      ("kv get a b", "'b' is one argument too many", "lockstep kv get KEY [flags]"),
      (
        "kv put a b --if-revisoin 7", "unknown flag '--if-revisoin'",
        "did you mean '--if-revision'?"
      ),
      ("kv put a b --qqqqqqqq", "unknown flag '--qqqqqqqq'", "lockstep kv put --help"),
      ("kv put a b --if-revision", "--if-revision needs a value: --if-revision N", nil),
      ("kv put a b --if-revision x", "--if-revision: 'x' is no whole number", nil),
      ("kv put a b --if-revision -1", "--if-revision: -1 is less than 0", nil),
      ("kv get a --url", "--url needs a value: --url URL", nil),
      ("kv get a -o xml", "--output: 'xml' is none of table, json, ndjson", nil),
      ("kv get a -o json -o json", "--output is given twice", nil),
      ("kv get a --timeout 5", "--timeout: '5' is no duration; write 250ms, 5s or 2m", nil),
      (
        "genesis create --nodes 1 --base-port 70000",
        "--base-port: 70000 is not within 1 and 65535", nil
      ),
      (
        "genesis create", "--nodes is missing",
        "lockstep genesis create --nodes LIST [flags]"
      ),
      ("kv get a --config missing", "there is no configuration file 'missing'", nil),
      ("demo", "NAME is missing", "lockstep demo NAME… [flags]"),
    ]

    for (line, message, hint) in cases {
      XCTAssertThrowsError(try invocation(line), line) { error in
        let failure = error as? CommandFailure

        XCTAssertEqual(failure?.message, message, line)
        XCTAssertEqual(failure?.hint, hint, line)
        XCTAssertEqual(failure?.exitCode, .usage, line)
      }
    }
  }

  func test_value_whenGivenInSeveralPlaces_comesFromTheFirst() throws {
    let environment = ["HOME": "/home/ada", "LOCKSTEP_BASE_PORT": "2"]
    let file = "# ports\nbase-port = 3\n"
    let cases: [(name: String, line: String, [String: String], file: String?, expected: Int)] = [
      ("flag", "genesis create --nodes x --base-port 1", environment, file, 1),
      ("environment", "genesis create --nodes x", environment, file, 2),
      ("usual file", "genesis create --nodes x", ["HOME": "/home/ada"], file, 3),
      (
        "usual file, an empty variable beside it", "genesis create --nodes x",
        ["HOME": "/home/ada", "XDG_CONFIG_HOME": ""], file, 3
      ),
      ("file by flag", "genesis create --nodes x --config named", [:], "base-port=\"4\"", 4),
      (
        "file by environment", "genesis create --nodes x", ["LOCKSTEP_CONFIG": "named"],
        "base-port=5", 5
      ),
      (
        "file of another system", "genesis create --nodes x --config named", [:],
        "# ports\r\nbase-port = 6\r\n", 6
      ),
      ("default", "genesis create --nodes x", [:], nil, 7_310),
    ]

    for (name, line, environment, file, expected) in cases {
      let found = try invocation(line, environment: environment, file: file)

      XCTAssertEqual(found.integer("base-port"), expected, name)
    }
  }

  func test_configuration_whenTheUsualFileMayNotBeSeen_isNone() {
    for (environment, isRefused) in [
      (["HOME": "/root"], false), (["LOCKSTEP_CONFIG": "/root/named"], true),
    ] {
      let surroundings = Surroundings(environment: environment) { path throws(CommandFailure) in
        var failure = CommandFailure.file(path, "permission denied")
        failure.isDenied = true
        throw failure
      }
      let parser = CommandParser(table: .complete, surroundings: surroundings)

      XCTAssertEqual((try? parser.parse(["version"])) == nil, isRefused, "\(environment)")
    }
  }

  func test_value_whenWrongOutsideTheCommandLine_saysWhere() {
    let cases: [(environment: [String: String], file: String?, message: String)] = [
      (["LOCKSTEP_BASE_PORT": "x"], nil, "LOCKSTEP_BASE_PORT: 'x' is no whole number"),
      (["LOCKSTEP_FAST": "maybe"], nil, "LOCKSTEP_FAST: 'maybe' is neither true nor false"),
      (
        ["LOCKSTEP_CONFIG": "named"], "\nbase-port = x",
        "named:2: base-port: 'x' is no whole number"
      ),
      (["LOCKSTEP_CONFIG": "named"], "bass-port = 1", "named:1: no flag is called 'bass-port'"),
      (["LOCKSTEP_CONFIG": "named"], "hello", "named:1: 'hello' is no 'key = value'"),
      (["LOCKSTEP_CONFIG": "named"], "config=x", "named:1: no flag is called 'config'"),
      (["LOCKSTEP_CONFIG": "named"], "fast=1\nfast=1", "named:2: 'fast' is set twice"),
    ]

    for (environment, file, message) in cases {
      XCTAssertThrowsError(
        try invocation("genesis create --nodes x", environment: environment, file: file),
        message
      ) { XCTAssertEqual(($0 as? CommandFailure)?.message, message) }
    }
  }

  func test_help_whenAskedFor_namesItsSubject() throws {
    let cases: [(line: String, path: [String], isFull: Bool)] = [
      ("", [], false), ("-h", [], false), ("--help", [], true),
      ("kv -h", ["kv"], false), ("kv put --help", ["kv", "put"], true),
      ("kv put a b c d -h", ["kv", "put"], false),
    ]

    for (line, path, isFull) in cases {
      guard case .help(let foundPath, let foundFull) = try parse(line) else {
        XCTFail(line)
        continue
      }

      XCTAssertEqual(foundPath, path, line)
      XCTAssertEqual(foundFull, isFull, line)
    }
  }

  func test_toggle_whenNotGiven_isFalse() throws {
    let without = try invocation("genesis create --nodes x")
    let with = try invocation("genesis create --nodes x --fast")

    XCTAssertFalse(without.toggle("fast"))
    XCTAssertTrue(with.toggle("fast"))
  }
}
