import Foundation
import JepsenHarness
import XCTest

/// `lockstep server start`, as a shell sees it.
final class ServerCommandTests: ProgramTestCase {
  func test_start_whenASnapshotIsWantedTooOftenOrNever_isRefused() throws {
    for size in ["63KiB", "1025GiB", "often"] {
      let (status, _, errors) = try program.run(
        "server",
        "start",
        "--data",
        folder + "/n1",
        "--snapshot-after",
        size
      )

      XCTAssertEqual(status, .exited(2), errors)
      XCTAssertTrue(errors.contains("--snapshot-after: '\(size)' is "), errors)
    }
  }

  func test_start_whenOfModeBFTAndAFlagIsOfModeRaft_isRefused() throws {
    let (genesis, data) = (folder + "/genesis.json", folder + "/n1")
    _ = try program.run(
      "genesis create --mode bft --nodes 1=127.0.0.1:7301 -o \(genesis)".split(separator: " ")
        .map(String.init)
    )
    let made = try program.run(
      "server init --genesis \(genesis) --id 1 --key \(genesis).keys/node-1.key --data \(data)"
        .split(separator: " ").map(String.init)
    )
    XCTAssertEqual(made.status, .exited(0), made.errors)
    for (flag, value) in [("--readmission", "strict"), ("--when-refused", "return")] {

      let (status, _, errors) = try program.run("server", "start", "--data", data, flag, value)

      XCTAssertEqual(status, .exited(2), errors)
      XCTAssertTrue(errors.contains("\(flag) is for clusters of mode raft"), errors)
    }
  }

  func test_init_whenAFlagIsOfTheOtherWay_isRefusedAndMakesNothing() throws {
    let (genesis, data) = (folder + "/genesis.json", folder + "/n2")
    _ = try program.run("genesis", "create", "--nodes", "2=127.0.0.1:7301", "-o", genesis)
    let first = ["--genesis", genesis]
    let join = ["--join", "lockstep://127.0.0.1:1", "--listen", "127.0.0.1:7301"]
    let byzantine = ["--join", "lockstep://127.0.0.1:1/x?genesis=g&key=k"] + join.suffix(2)
    let cases: [(words: [String], says: String)] = [
      (first + ["--replace", "2"], "--replace is of --join"),
      (first + ["--held"], "--held is of --join"),
      (first + join.suffix(2), "--listen is of --join"),
      (join + ["--key", "k"], "--key is of --genesis"),
      (byzantine, "members of a cluster of mode bft are those of its genesis file for good"),
    ]

    for (words, says) in cases {
      let ending = try program.run(["server", "init", "--id", "2", "--data", data] + words)

      XCTAssertEqual(ending.status, .exited(2), ending.errors)
      XCTAssertTrue(ending.errors.contains(says), ending.errors)
      XCTAssertFalse(Folder.exists(data), says)
    }
  }

  func test_start_whenTheReaderOfItsLogEnds_goesOn() throws {
    let data = folder + "/n1"
    try program.makeDirectory(data)
    let script = """
      "$0" server start --data "$1" --listen-client 127.0.0.1:0 --listen-peer 127.0.0.1:0 \\
        2> >(head -n 1 > "$2") &
      for (( i = 0; i < 600; i++ )); do [ -s "$2" ] && break; sleep 0.1; done
      sleep 1; kill -TERM $!; wait $!
      """
    let words = ["-c", script, BuiltProgram.path, data, folder + "/first-line"]

    let ending = try program.start("/bin/bash", words)

    XCTAssertEqual(ending.status, .exited(0), ending.errors)
  }

  func test_start_whenTheGenesisIsMissing_saysToPutItBack() throws {
    let (genesis, data) = (folder + "/genesis.json", folder + "/n1")
    for words in [
      "genesis create --mode bft --nodes 1=127.0.0.1:7301 -o \(genesis)",
      "server init --genesis \(genesis) --id 1 --key \(genesis).keys/node-1.key --data \(data)",
    ] {
      _ = try program.run(words.split(separator: " ").map(String.init))
    }
    try FileManager.default.removeItem(atPath: data + "/genesis.json")

    let (status, _, errors) = try program.run("server", "start", "--data", data)

    XCTAssertEqual(status, .exited(1))
    XCTAssertTrue(errors.contains("hint: copy the cluster's genesis file to \(data)"), errors)
  }
}
