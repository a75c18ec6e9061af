import Foundation
import JepsenHarness
import XCTest

/// What is left of commands that fail, and what they say: the next attempt finds what this one
/// found.
final class FailedCommandTests: ProgramTestCase {
  private var genesis: String { folder + "/genesis.json" }
  /// Nobody listens there.
  private let nowhere = ["--url", "lockstep://127.0.0.1:1/x", "--timeout", "300ms"]

  /// Makes the genesis and the keys of one node, where nobody listens.
  @discardableResult
  private func createGenesis(
    _ words: String...,
    to file: String? = nil
  ) throws -> BuiltProgram.Ending {
    let nodes = ["genesis", "create", "--mode", "bft", "--nodes", "1=127.0.0.1:1/2"]
    return try program.run(nodes + words + ["-o", file ?? genesis])
  }

  /// What a URL says of a client of `genesis`.
  private var credentials: String {
    "genesis=\(genesis)&key=\(genesis).keys/client-1.key"
  }

  func test_genesis_whenItsFileCannotBeMade_makesNoKeys() throws {
    let keys = folder + "/keys"

    let ending = try createGenesis("--keys", keys, to: folder + "/none/g.json")

    XCTAssertEqual(ending.status, .exited(1), ending.errors)
    XCTAssertFalse(Folder.exists(keys))
  }

  func test_genesis_whenItsKeysCannotBeMade_leavesNoFile() throws {
    let ending = try createGenesis("--keys", folder + "/none/keys")

    XCTAssertEqual(ending.status, .exited(1), ending.errors)
    XCTAssertFalse(Folder.exists(genesis))
  }

  func test_transfer_whenToNobody_isRefused() throws {
    for node in ["0", "n0", "x"] {
      let ending = try program.run(["cluster", "transfer-leader", node] + nowhere)

      XCTAssertEqual(ending.status, .exited(2), ending.errors)
      XCTAssertTrue(ending.errors.contains("'\(node)' is no node's number"), ending.errors)
    }
  }

  func test_directory_whenTheNodeIsUnknown_isNotMade() throws {
    try program.makeDirectory(folder + "/n1")
    let backup = folder + "/b"
    _ = try program.run("recover", "--from-survivor", folder + "/n1", "--to", backup)
    try Folder.make(folder + "/there")

    for words in [["server", "init"], ["restore", backup]] {
      for name in ["new", "there"] {
        let data = folder + "/" + name
        let ending = try program.run(
          words + ["--genesis", genesis, "--id", "2", "--data", data]
        )

        XCTAssertEqual(ending.status, .exited(2), ending.errors)
        XCTAssertEqual(Folder.exists(data), name == "there", "\(words)")
        XCTAssertEqual(Folder.exists(data) ? Folder.names(in: data) : [], [])
      }
    }
  }

  func test_directory_whenItsMakingFails_isAsBefore() throws {
    try createGenesis()
    let data = folder + "/n1"
    for folder in [data, data + "/lost+found"] { try Folder.make(folder) }
    // Nothing larger than 64 KiB can be written, as on a full disk.
    let line =
      "ulimit -f 64; trap '' XFSZ; exec \(BuiltProgram.path) server init --genesis \(genesis) "
      + "--key \(genesis).keys/node-1.key --id 1 --data \(data)"

    let ending = try program.start("/bin/sh", ["-c", line])

    XCTAssertEqual(ending.status, .exited(1), ending.errors)
    // Another process may wait for the lock by now.
    XCTAssertEqual(Folder.names(in: data).sorted(), ["lock", "lost+found"])
  }

  func test_backup_whenItsNameIsNone_isRefusedBeforeAnybodyIsAsked() throws {
    for name in [".", "..", folder + "/.", folder + "/"] {
      let ending = try program.run(nowhere + ["backup", "create", name])

      XCTAssertEqual(ending.status, .exited(1), ending.errors)
      XCTAssertTrue(ending.errors.contains("no file's name"), ending.errors)
    }
    let verified = try program.run("backup", "verify", folder)
    XCTAssertEqual(verified.status, .exited(1))
    XCTAssertTrue(verified.errors.contains("is a directory"), verified.errors)
  }

  func test_recover_whenTheDirectoryCannotBeOpened_saysWhy() throws {
    try Data().write(to: URL(fileURLWithPath: folder + "/file"))

    let ending = try program.run("recover", "--from-survivor", folder + "/file")

    XCTAssertEqual(ending.status, .exited(1))
    XCTAssertTrue(ending.errors.contains("not a directory"), ending.errors)
  }

  func test_receipt_whenItsFileIsThere_nothingIsWritten() throws {
    try createGenesis()
    let url = "lockstep://127.0.0.1:1/x?\(credentials)"
    let put = ["--url", url, "--timeout", "300ms", "kv", "put", "k", "v", "--receipt"]
    try Data().write(to: URL(fileURLWithPath: folder + "/taken"))

    let taken = try program.run(put + [folder + "/taken"])
    let new = try program.run(put + [folder + "/new"])

    XCTAssertEqual(taken.status, .exited(1), taken.errors)
    XCTAssertTrue(taken.errors.contains("/taken: file exists"), taken.errors)
    XCTAssertNotEqual(new.status, .exited(0))
    XCTAssertFalse(new.errors.contains("file_error"), new.errors)
    XCTAssertFalse(Folder.exists(folder + "/new"))
  }

  func test_bench_whenNobodyListens_saysSoAtOnce() throws {
    try createGenesis()

    for url in ["lockstep://127.0.0.1:1/x", "lockstep://127.0.0.1:1/x?\(credentials)"] {
      let ending = try program.run("--url", url, "bench", "put", "--duration", "1s")

      XCTAssertEqual(ending.status, .exited(7), ending.errors)
      XCTAssertTrue(ending.errors.contains("reached: nobody listens"), ending.errors)
    }
  }

  func test_history_whenNothingIsInIt_hasNoVerdict() throws {
    try Data().write(to: URL(fileURLWithPath: folder + "/h.ndjson"))

    let ending = try program.run("history", "check", folder + "/h.ndjson", "--model", "kv")

    XCTAssertEqual(ending.status, .exited(5), ending.errors)
    XCTAssertTrue(ending.errors.contains("it holds no operation"), ending.errors)
    XCTAssertTrue(ending.output.contains("\"verdict\":\"unknown\""), ending.output)
  }

  /// A check that fails must not look well because nobody reads what it says.
  func test_output_whenItsReaderIsGone_isNoSuccess() throws {
    let line =
      "mkfifo \(folder)/pipe; (: < \(folder)/pipe) & exec 4> \(folder)/pipe; wait; "
      + "trap '' PIPE; exec \(BuiltProgram.path) inspect meta \(folder)/n1 >&4"
    try program.makeDirectory(folder + "/n1")

    let ending = try program.start("/bin/sh", ["-c", line])

    XCTAssertEqual(ending.status, .exited(141), ending.errors)
    XCTAssertEqual(ending.errors, "")
  }
}
