import Foundation
import JepsenHarness
import XCTest

/// The program itself, as a shell sees it: words in; status, output and errors out.
final class BinaryTests: ProgramTestCase {
  func test_result_whenAllGoesWell_isOnStandardOutputAlone() throws {
    let ending = try program.run("version", "-o", "json")

    XCTAssertTrue(try program.run("--version", "-o", "json") == ending)
    XCTAssertEqual(ending.status, .exited(0))
    XCTAssertTrue(ending.output.hasPrefix("{\"version\":"), ending.output)
    XCTAssertEqual(ending.errors, "")
  }

  func test_environment_whenAVariableOfOursIsNoText_isRefused() throws {
    let script = "LOCKSTEP_DATA=$'\\xff' HOME=$'\\xff' \"$0\" version"

    let ending = try program.start("/bin/bash", ["-c", script, BuiltProgram.path])
    let others = try program.start(
      "/bin/bash",
      ["-c", "HOME=$'\\xff' \"$0\" version", BuiltProgram.path]
    )

    XCTAssertEqual(ending.status, .exited(2))
    XCTAssertTrue(ending.errors.contains("LOCKSTEP_DATA is not UTF-8 text"), ending.errors)
    XCTAssertEqual(others.status, .exited(0), others.errors)
  }

  func test_error_whenSomethingFails_isOnStandardErrorWithItsStatus() throws {
    let cases: [(words: [String], status: Int32, errors: String)] = [
      (["versoin"], 2, "error: there is no command 'versoin' (usage)\n"),
      (["get", "users"], 2, "error: ID is missing (usage)\n"),
      (["server", "start", "--data", folder + "/none"], 1, "error: \(folder)/none: no such"),
      (["server", "start", "--data", folder + "/empty"], 1, "(directory_empty)\nhint: lockstep"),
      (["--url", "http://x", "collection", "ls"], 2, "(invalid_url)"),
      (["inspect", "meta", folder + "/none"], 1, "/none: no such directory"),
      (["inspect", "meta", folder + "/b.tmp"], 1, "/b.tmp: open: not a directory"),
      (["backup", "verify", folder + "/b.tmp/x"], 1, "its folder: open: not a directory"),
      (["backup", "create", folder + "/b"], 1, "hint: if nobody writes it: rm \(folder)/b.tmp"),
    ]
    try Folder.make(folder + "/empty")
    try Data().write(to: URL(fileURLWithPath: folder + "/b.tmp"))

    for (words, status, errors) in cases {
      let ending = try program.run(words)

      XCTAssertEqual(ending.status, .exited(status), words.joined(separator: " "))
      XCTAssertTrue(ending.errors.contains(errors), ending.errors)
      XCTAssertTrue(ending.errors.hasPrefix("error: "), ending.errors)
      XCTAssertEqual(ending.output, "")
    }
  }

  func test_status_whenStandardErrorCannotBeWritten_isTheSame() throws {
    for (redirection, words, status) in [
      ("2>/dev/full", "versoin", 2), ("2>&-", "versoin", 2),
      ("2>/dev/full", "inspect meta \(folder)", 1), ("2>&-", "inspect meta \(folder)", 1),
    ] as [(String, String, Int32)] {
      let line = "exec \(BuiltProgram.path) \(words) \(redirection)"

      let child = try ChildProcess("/bin/sh", ["-c", line])

      XCTAssertEqual(child.waitForEnd(), .exited(status), line)
    }
  }

  func test_output_whenItCannotBeWritten_isMissedAloud() throws {
    for (redirection, problem) in [(">/dev/full", "no space left"), (">&-", "bad file")] {
      let errors = folder + "/err"
      Folder.remove(errors)
      let line = "exec \(BuiltProgram.path) version \(redirection)"

      let child = try ChildProcess("/bin/sh", ["-c", line], errors: .file(errors))

      XCTAssertEqual(child.waitForEnd(), .exited(1), line)
      let said = try String(contentsOfFile: errors, encoding: .utf8)
      XCTAssertTrue(said.hasPrefix("error: standard output: \(problem)"), said)
    }
  }

  func test_genesis_whenOfModeBFT_makesKeysThatDirectoriesNeed() throws {
    let (file, data) = (folder + "/bft.json", folder + "/b1")
    let nodes = "1=127.0.0.1:7301,2=127.0.0.2:7301,3=127.0.0.3:7301,4=127.0.0.4:7301"
    let words = ["genesis", "create", "--mode", "bft", "-o", file, "--nodes"]

    let three = try program.run(words + [String(nodes.prefix { $0 != "4" }.dropLast())])
    let created = try program.run(words + [nodes])
    let again = try program.run(words + [nodes])
    let make = ["server", "init", "--genesis", file, "--id", "1", "--data", data]
    let keyless = try program.run(make)
    let foreign = try program.run(make + ["--key", file + ".keys/node-2.key"])
    let made = try program.run(make + ["--key", file + ".keys/node-1.key"])
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + " ").write(toFile: data + "/genesis.json", atomically: true, encoding: .utf8)
    let changed = try program.run("server", "start", "--data", data)
    let plain = try program.run(
      "genesis",
      "create",
      "--nodes",
      nodes,
      "--keys",
      folder,
      "-o",
      folder + "/raft.json"
    )

    XCTAssertEqual(three.status, .exited(2), three.errors)
    XCTAssertTrue(three.errors.contains("mode bft needs"), three.errors)
    XCTAssertEqual(created.status, .exited(0), created.errors)
    XCTAssertTrue(FileManager.default.fileExists(atPath: file + ".keys/client-1.key"))
    XCTAssertEqual(again.status, .exited(1))
    XCTAssertTrue(again.errors.contains("file exists"), again.errors)
    XCTAssertEqual(keyless.status, .exited(2))
    XCTAssertTrue(keyless.errors.contains("--key names the node's private key"), keyless.errors)
    XCTAssertEqual(foreign.status, .exited(1))
    XCTAssertTrue(foreign.errors.contains("(bad_key)"), foreign.errors)
    XCTAssertEqual(made.status, .exited(0), made.errors)
    XCTAssertEqual(changed.status, .exited(1))
    XCTAssertTrue(changed.errors.contains("(directory_foreign)"), changed.errors)
    XCTAssertEqual(plain.status, .exited(2))
    XCTAssertTrue(plain.errors.contains("--keys is of mode bft only"), plain.errors)
  }

  func test_genesis_whenUsed_makesDirectoriesOnce() throws {
    let (file, data) = (folder + "/genesis.json", folder + "/n1")
    let nodes = "1=127.0.0.1:7301,2=127.0.0.2:7301,3=127.0.0.3:7301"

    let created = try program.run("genesis", "create", "--nodes", nodes, "-o", file)
    let again = try program.run("genesis", "create", "--nodes", nodes, "-o", file)
    let first = try program.run("server", "init", "--genesis", file, "--id", "1", "--data", data)
    let second = try program.run("server", "init", "--genesis", file, "--id", "1", "--data", data)
    let stranger = try program.run("server", "init", "--genesis", file, "--id", "4", "--data", data)

    XCTAssertEqual(created.status, .exited(0), created.errors)
    XCTAssertEqual(again.status, .exited(1))
    XCTAssertTrue(again.errors.contains("file exists"), again.errors)
    XCTAssertEqual(first.status, .exited(0), first.errors)
    XCTAssertEqual(second.status, .exited(1))
    XCTAssertTrue(second.errors.contains("(directory_not_empty)"), second.errors)
    XCTAssertEqual(stranger.status, .exited(2))
    XCTAssertTrue(stranger.errors.contains("names no node 4"), stranger.errors)
  }
}
