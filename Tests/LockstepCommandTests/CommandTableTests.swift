import ClientProtocol
import LockstepClient
import XCTest

@testable import LockstepCommand

final class CommandTableTests: XCTestCase {
  private let table = CommandTable.complete

  func test_table_whenRead_hasEachCommandOnce() {
    let names = table.commands.map(\.name)

    XCTAssertEqual(Set(names).count, names.count)
  }

  func test_defaults_whenChecked_areValuesOfTheirKind() {
    for command in table.commands {
      for flag in command.flags + CommandTable.globalFlags {
        let objection = flag.fallback.flatMap { flag.kind.objection(to: $0) }

        XCTAssertNil(objection, "\(command.name) --\(flag.name)")
      }
    }
  }

  func test_help_whenShownInFull_listsExamplesThatParse() throws {
    let surroundings = Surroundings(environment: [:]) { _ in nil }
    let parser = CommandParser(table: table, surroundings: surroundings)
    for command in table.commands {
      let page = try Help(table: table).text(path: command.path, isFull: true)
      XCTAssertTrue(page.hasPrefix("usage: lockstep \(command.name)"), command.name)
      XCTAssertFalse(command.examples.isEmpty, command.name)
      for example in command.examples {
        XCTAssertTrue(page.contains("  lockstep \(example)"), example)
        guard case .run(let found) = try parser.parse(shellWords(example)) else {
          XCTFail(example)
          continue
        }
        XCTAssertEqual(found.command.name, command.name, example)
      }
    }
  }

  func test_help_whenACommandHasThreeWords_takesThem() throws {
    let surroundings = Surroundings(environment: [:]) { _ in nil }
    let parser = CommandParser(table: table, surroundings: surroundings)
    let words = ["help", "cluster", "member", "add"]

    guard case .run(let invocation) = try parser.parse(words) else { return XCTFail("no help") }

    let page = try Help(table: table).text(path: invocation.arguments, isFull: true)
    XCTAssertTrue(page.hasPrefix("usage: lockstep cluster member add"), page)
  }

  func test_values_thatSayWhereToWrite_comeFromTheCommandLineAlone() throws {
    let environment = ["LOCKSTEP_DATA": "/d", "LOCKSTEP_KEYS": "9", "LOCKSTEP_CLIENTS": "9"]
    let file = "data = /d\nkeys = 9\nclients = 9\nout = g\n"
    let surroundings = Surroundings(environment: environment) { _ in file }
    let parser = CommandParser(table: table, surroundings: surroundings)
    let create = ["genesis", "create", "--nodes", "1=h:1"]
    let parse = { words throws -> Invocation in
      guard case .run(let invocation) = try parser.parse(words + ["--config", "c"]) else {
        throw CommandFailure.usage("no command")
      }
      return invocation
    }

    XCTAssertNil(try parse(["demo"]).optional("data"))
    XCTAssertEqual(try parse(["demo", "--data", "x"]).optional("data"), "x")
    XCTAssertEqual(try parse(["server", "start"]).text("data"), "/d")
    XCTAssertEqual(try parse(["bench", "get"]).integer("keys"), 9)
    let made = try parse(create + ["-o", "x"])
    XCTAssertEqual(["keys", "clients", "out"].map(made.optional), [nil, nil, "x"])
    XCTAssertThrowsError(try parse(create))
  }

  /// Words as a shell would split them: quotes hold together, redirections are not words.
  private func shellWords(_ line: String) -> [String] {
    let command = line.split(separator: ">")[0]
    let pieces = command.split(separator: "'", omittingEmptySubsequences: false)
    return pieces.enumerated().flatMap { index, piece in
      index % 2 == 1 ? [String(piece)] : piece.split(separator: " ").map(String.init)
    }
  }

  func test_exitCodes_whenListed_areInTheHelp() throws {
    let page = try Help(table: table).text(path: ["exit-codes"], isFull: true)

    for code in ExitCode.allCases {
      XCTAssertTrue(page.contains("  \(code.rawValue) "), "\(code)")
    }
  }

  func test_help_aboutURLs_namesEveryOption() throws {
    let page = try Help(table: table).text(path: ["url"], isFull: true)

    for option in ["timeout", "consistency", "name", "genesis", "key", "reads"] {
      XCTAssertTrue(page.contains("  \(option)="), option)
    }
  }

  func test_failure_whenAWriteMayHaveBeenDone_isNoRefusal() {
    let unknown = CommandFailure(LockstepError(.sessionExpired, "it is over", outcome: .unknown))
    let unreached = CommandFailure(LockstepError(.noLeader, "nobody leads", outcome: .unknown))
    let refused = CommandFailure(LockstepError(.sessionExpired, "it is over"))
    let unsent = CommandFailure(LockstepError(.tooFewAnswers, "none", outcome: .notApplied))
    let read = CommandFailure(LockstepError(.deadlineExceeded, "none", outcome: .notApplied))

    XCTAssertEqual([unknown, unreached].map(\.exitCode), [.noAnswer, .noAnswer])
    XCTAssertEqual(refused.exitCode, .failed)
    XCTAssertEqual(unsent.exitCode, .unavailable)
    XCTAssertEqual(read.exitCode, .noAnswer)
    XCTAssertFalse(read.hint?.contains("outcome") ?? true, "\(read.lines)")
  }

  func test_failure_whenOfAProtocolCode_endsAsTheProtocolSays() {
    let failure = CommandFailure(.revisionConflict, "users/42: expected 7, current 9", hint: "look")

    XCTAssertEqual(failure.exitCode, .conflict)
    XCTAssertEqual(
      failure.lines,
      ["error: users/42: expected 7, current 9 (revision_conflict)", "hint: look"]
    )
  }
}
