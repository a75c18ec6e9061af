import JepsenHarness
import XCTest

/// `lockstep sim run` as tools use it.
final class SimulationCommandTests: ProgramTestCase {
  /// What a process wrote about a few short seeds, and what it hashed a text to.
  private func run(_ mode: String) throws -> (reports: [String], hashing: String) {
    let storm = mode == "raft" ? "10s" : "1s"
    let words =
      "sim run --mode \(mode) --seed 11 --count 3 --storm \(storm) --show-hashing -o json"
    let ending = try program.run(words.split(separator: " ").map(String.init))
    XCTAssertEqual(ending.status, .exited(0))
    return (ending.output.split(separator: "\n").map(String.init), ending.errors)
  }

  func test_seeds_whenRunInTwoProcessesThatHashDifferently_areEqual() throws {
    for mode in ["raft", "bft"] {
      let first = try run(mode)
      let second = try run(mode)

      XCTAssertEqual(first.reports.count, 3)
      XCTAssertEqual(first.reports, second.reports)
      XCTAssertTrue(first.hashing.hasPrefix("hashing "), first.hashing)
      XCTAssertNotEqual(first.hashing, second.hashing)
    }
  }

  func test_cases_whenTheFirstIsBeyondTheLast_areAUsageError() throws {
    for words in ["sim crashes --node 4 --case 999999 --count 100", "sim damage --case 999999"] {
      let ending = try program.run(words.split(separator: " ").map(String.init))

      XCTAssertEqual(ending.status, .exited(2), ending.errors)
      XCTAssertEqual(ending.output, "")
      XCTAssertTrue(ending.errors.contains("--case 999999: there are "), ending.errors)
    }
  }

  func test_exploration_whenGivenUp_endsWithoutAVerdict() throws {
    let words = "sim explore --entries 0 --crashes 0 --max-states 20 -o json"
    let ending = try program.run(words.split(separator: " ").map(String.init))

    XCTAssertEqual(ending.status, .exited(5))
    XCTAssertTrue(ending.output.contains("\"complete\":false"), ending.output)
    XCTAssertTrue(ending.output.contains("\"verdict\":\"unknown\""), ending.output)
    XCTAssertTrue(ending.errors.contains("(no_verdict)"), ending.errors)
  }

  func test_exploration_whenItEnds_isOk() throws {
    let words = "sim explore --entries 0 --crashes 0 -o json"
    let ending = try program.run(words.split(separator: " ").map(String.init))

    XCTAssertEqual(ending.status, .exited(0), ending.errors)
    XCTAssertTrue(ending.output.contains("\"verdict\":\"ok\""), ending.output)
  }

  func test_liars_whenListed_areNamedWithWhatEachProves() throws {
    let (status, output, errors) = try program.run("sim", "liars", "--list", "-o", "ndjson")

    XCTAssertEqual(status, .exited(0), errors)
    let lines = output.split(separator: "\n")
    XCTAssertEqual(lines.count, 87)
    XCTAssertTrue(lines.contains("{\"behaviour\":\"lock-hidden\",\"proves\":\"E6\"}"), output)
  }

  func test_liars_whenOfAnUnknownName_endWithTheNearestOneOrWhereTheyAreListed() throws {
    let cases = [("lock-hiden", "did you mean 'lock-hidden'?"), ("x", "lockstep sim liars --list")]
    for (name, hint) in cases {
      let (status, _, errors) = try program.run("sim", "liars", "--behaviour", name)

      XCTAssertEqual(status, .exited(2))
      XCTAssertTrue(errors.contains("there is no '\(name)'"), errors)
      XCTAssertTrue(errors.contains(hint), errors)
    }
  }
}
