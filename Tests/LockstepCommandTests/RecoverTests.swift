import Foundation
import JepsenHarness
import XCTest

/// `lockstep recover`, as a shell sees it.
final class RecoverTests: ProgramTestCase {
  private var data: String { folder + "/n1" }

  override func setUpWithError() throws {
    try super.setUpWithError()
    try program.makeDirectory(data)
    _ = try program.run(
      "genesis",
      "create",
      "--nodes",
      "5=127.0.0.1:7301",
      "-o",
      folder + "/new.json"
    )
  }

  func test_recover_whenAskedToLook_saysWhatTheNodeHoldsAndMakesNothing() throws {
    let before = try names()

    let (status, output, errors) = try program.run("recover", "--from-survivor", data)

    XCTAssertEqual(status, .exited(0), errors)
    for text in ["\"node\":1", "\"snapshot_index\":0", "\"last_index\":1", "\"unused_entries\":0"] {
      XCTAssertTrue(output.contains(text), output)
    }
    XCTAssertTrue(errors.hasPrefix("may be lost: every write"), errors)
    XCTAssertEqual(try names(), before)
  }

  func test_recover_whenABackupIsWanted_makesOneThatIsWhole() throws {
    let backup = folder + "/rescued.backup"

    let (status, _, errors) = try program.run("recover", "--from-survivor", data, "--to", backup)

    XCTAssertEqual(status, .exited(0), errors)
    XCTAssertEqual(try program.run("backup", "verify", backup).status, .exited(0))
    let again = try program.run("recover", "--from-survivor", data, "--to", backup)
    XCTAssertEqual(again.status, .exited(1))
    XCTAssertTrue(again.errors.contains("it exists already"), again.errors)
  }

  func test_recover_whenADirectoryIsWanted_makesThatOfAnotherCluster() throws {
    let (status, output, errors) = try program.run(
      "recover",
      "--from-survivor",
      data,
      "--to",
      folder + "/n5",
      "--genesis",
      folder + "/new.json",
      "--id",
      "5"
    )

    XCTAssertEqual(status, .exited(0), errors)
    let jumps = output.firstRange(of: /"new_node":5,"new_revision":\d{1,4}000000000000\b/)
    XCTAssertNotNil(jumps, output)
    let meta = try program.run("inspect", "meta", folder + "/n5")
    XCTAssertEqual(meta.status, .exited(0), meta.errors)
    XCTAssertTrue(meta.output.contains("\"node\":5"), meta.output)
  }

  func test_recover_whenItCannot_saysWhy() throws {
    try Folder.make(folder + "/empty")
    let cases: [(words: [String], status: Int32, says: String)] = [
      (["--from-survivor", folder + "/none"], 1, "no such directory"),
      (["--from-survivor", folder + "/empty"], 1, "(directory_empty)"),
      ([], 2, "--from-survivor is missing"),
      (["--from-survivor", data, "--id", "1"], 2, "--genesis"),
      (["--from-survivor", data, "--genesis", folder + "/new.json"], 2, "needs --to and --id"),
      (
        [
          "--from-survivor", data, "--to", folder + "/x", "--genesis", folder + "/new.json",
          "--id", "1",
        ], 2, "names no node 1"
      ),
    ]

    for (words, status, says) in cases {
      let ending = try program.run(["recover"] + words)

      XCTAssertEqual(ending.status, .exited(status), "\(words)")
      XCTAssertTrue(ending.errors.contains(says), "\(words): \(ending.errors)")
    }
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      $0 != "out" && $0 != "err"
    }
    .sorted()
  }
}
