import Foundation
import JepsenHarness
import XCTest

/// `lockstep sim run` as tools use it.
final class SimulationCommandTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder = try Folder.makeTemporary("lockstep-test")
  }

  override func tearDown() {
    Folder.remove(folder)
  }

  /// What a process wrote about a few short seeds, and what it hashed a text to.
  private func run(_ name: String, _ mode: String) throws -> (reports: [String], hashing: String) {
    let (out, err) = (folder + "/\(name).out", folder + "/\(name).err")
    let storm = mode == "raft" ? "10s" : "1s"
    let words =
      "sim run --mode \(mode) --seed 11 --count 3 --storm \(storm) --show-hashing -o json"
    let child = try ChildProcess(
      BuiltProgram.path,
      words.split(separator: " ").map(String.init),
      output: .file(out),
      errors: .file(err)
    )
    XCTAssertEqual(child.waitForEnd(), .exited(0))
    return (
      try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init),
      try String(contentsOfFile: err, encoding: .utf8)
    )
  }

  func test_seeds_whenRunInTwoProcessesThatHashDifferently_areEqual() throws {
    for mode in ["raft", "bft"] {
      let first = try run("first-\(mode)", mode)
      let second = try run("second-\(mode)", mode)

      XCTAssertEqual(first.reports.count, 3)
      XCTAssertEqual(first.reports, second.reports)
      XCTAssertTrue(first.hashing.hasPrefix("hashing "), first.hashing)
      XCTAssertNotEqual(first.hashing, second.hashing)
    }
  }

  func test_liars_whenListed_areNamedWithWhatEachProves() throws {
    let program = BuiltProgram(folder: folder)

    let (status, output, errors) = try program.run("sim", "liars", "--list", "-o", "ndjson")

    XCTAssertEqual(status, .exited(0), errors)
    let lines = output.split(separator: "\n")
    XCTAssertEqual(lines.count, 84)
    XCTAssertTrue(lines.contains("{\"behaviour\":\"lock-hidden\",\"proves\":\"E6\"}"), output)
  }

  func test_liars_whenOfAnUnknownName_endWithTheNearestOneOrWhereTheyAreListed() throws {
    let cases = [("lock-hiden", "did you mean 'lock-hidden'?"), ("x", "lockstep sim liars --list")]
    for (name, hint) in cases {
      let program = BuiltProgram(folder: folder)

      let (status, _, errors) = try program.run("sim", "liars", "--behaviour", name)

      XCTAssertEqual(status, .exited(2))
      XCTAssertTrue(errors.contains("there is no '\(name)'"), errors)
      XCTAssertTrue(errors.contains(hint), errors)
    }
  }
}
