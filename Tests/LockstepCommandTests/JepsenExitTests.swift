import Foundation
import JepsenHarness
import XCTest

/// How runs of `lockstep-jepsen` end, as a script hears of it: clusters of nodes that misbehave.
final class JepsenExitTests: ProgramTestCase {
  func test_run_whenAllGoesWell_endsWith0() throws {
    let end = try run(on: BuiltProgram.path, "--nemesis", "kill")

    XCTAssertEqual(end.status, .exited(0), end.errors)
    XCTAssertTrue(end.output.contains("\"operations\":"), end.output)
  }

  func test_run_whenANodeDoesNotComeBack_endsWith6() throws {
    let hanging = try program(starting: "mkdir \"$4.started\" || exec sleep 600")

    let end = try run(on: hanging, "--nemesis", "kill")

    XCTAssertEqual(end.status, .exited(6), end.errors)
    XCTAssertTrue(end.errors.contains("(not_recovered)"), end.errors)
  }

  func test_run_whenANodeEndsByItself_endsWith9() throws {
    // Its first leader is there a moment before clients begin.
    let begins = "until grep -q leader.changed \(folder)/run/cluster/n1.log; do sleep 0.1; done"
    let ending = try program(
      starting: "mkdir \(folder)/started && { (\(begins); sleep 3; kill -KILL $$) & }"
    )

    let end = try run(on: ending)

    XCTAssertEqual(end.status, .exited(9), end.errors)
    XCTAssertTrue(end.errors.contains("(node_ended)"), end.errors)
  }

  func test_run_whenItIsInterrupted_endsWith130_andIsJudged() throws {
    let folder = folder + "/run"

    let end = try program.start(
      "/usr/bin/timeout",
      ["--preserve-status", "-s", "INT", "5", harness] + words(BuiltProgram.path, seconds: 60)
    )

    XCTAssertEqual(end.status, .exited(130), end.errors)
    XCTAssertTrue(Folder.exists(folder + "/verdicts.json"))
  }

  /// What is missing is said before anything begins.
  func test_run_whenThereIsNoSuchProgram_endsWith2() throws {
    let end = try run(on: "/nowhere/lockstep")

    XCTAssertEqual(end.status, .exited(2))
    XCTAssertTrue(end.errors.contains("--binary: there is no /nowhere/lockstep"), end.errors)
  }

  func test_run_whenItsNodesDoNotStart_endsWith1() throws {
    let end = try run(on: "/bin/false")

    XCTAssertEqual(end.status, .exited(1), end.errors)
  }

  private var harness: String {
    URL(fileURLWithPath: BuiltProgram.path).deletingLastPathComponent()
      .appendingPathComponent("lockstep-jepsen").path
  }

  private func run(on binary: String, _ more: String...) throws -> BuiltProgram.Ending {
    try program.start(harness, words(binary, seconds: 6) + more)
  }

  private func words(_ binary: String, seconds: Int) -> [String] {
    [
      "run", "--binary", binary, "--seconds", "\(seconds)", "--quiet", "3", "--seed", "1",
      "--base-port", "8600", "--out", folder + "/run", "-o", "json",
    ]
  }

  /// A program that is `lockstep`, but for what it does before it starts a server.
  private func program(starting line: String) throws -> String {
    let path = folder + "/lockstep"
    let lines = [
      "#!/bin/sh", "if [ \"$1 $2\" = 'server start' ]; then", line, "fi",
      "exec \(BuiltProgram.path) \"$@\"",
    ]
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }
}
