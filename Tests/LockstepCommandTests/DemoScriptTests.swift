import Foundation
import XCTest

/// Demos that follow a script; all processes are real.
final class DemoScriptTests: ProgramTestCase {
  func test_script_whenItPartsHealsAndKills_endsWithAVerdict() throws {
    let ending = try play(
      [
        "\\sleep 500ms", "\\partition n1|n2,n3", "\\sleep 1s", "\\heal", "\\kill leader", "\\check",
      ],
      ["--base-port", "8750"]
    )

    XCTAssertEqual(ending.status, .exited(0), ending.output + ending.errors)
    for words in ["parted: n1 | n2 n3", "healed: ", "linearizable: yes"] {
      XCTAssertTrue(ending.output.contains(words), "\(words): \(ending.output)")
    }
    XCTAssertTrue(FileManager.default.fileExists(atPath: folder + "/lockstep-check.html"))
  }

  func test_script_underChaos_endsItAndHasAVerdict() throws {
    let ending = try play(
      ["\\sleep 6s", "\\check", "\\status"],
      ["--base-port", "8790", "--chaos", "wild", "--seed", "5"]
    )

    XCTAssertEqual(ending.status, .exited(0), ending.output + ending.errors)
    for words in ["chaos is over", "linearizable: yes"] {
      XCTAssertTrue(ending.output.contains(words), "\(words): \(ending.output)")
    }
  }

  private func play(_ lines: [String], _ flags: [String]) throws -> BuiltProgram.Ending {
    let script = folder + "/script"
    try lines.map { $0 + "\n" }.joined().write(toFile: script, atomically: true, encoding: .utf8)
    // The picture of what clients saw is put where the demo runs.
    let words = [BuiltProgram.path, "demo", "--script", script] + flags
    let line = "cd \(folder) && exec \(words.joined(separator: " "))"
    return try program.start("/bin/sh", ["-c", line])
  }
}
