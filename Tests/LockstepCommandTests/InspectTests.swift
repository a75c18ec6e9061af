import Consensus
import Foundation
import JepsenHarness
import PBFT
import Server
import Storage
import XCTest

@testable import LockstepCommand

/// `lockstep inspect`: what a shell sees of a directory that is whole, and of one that is not.
final class InspectTests: ProgramTestCase {
  private var data: String { folder + "/n1" }
  private var segment: String { data + "/journal-0000000000000001.seg" }

  override func setUpWithError() throws {
    try super.setUpWithError()
    try program.makeDirectory(data)
  }

  func test_inspect_whenTheDirectoryIsWhole_showsItAndChangesNothing() throws {
    let before = try files()
    let cases: [(words: [String], says: [String])] = [
      (["meta", data], ["\"node\":1", "\"boot\":0", "\"segments\":1", "\"problems\":[]"]),
      (
        ["journal", data], ["\"segment\":1,\"first\":1,\"last\":1,\"records\":1", "\"damage\":[]"]
      ),
      (["journal", data, "--records"], ["\"kind\":\"entry\",\"index\":1", "members n1"]),
      (["journal", data, "-o", "table"], ["SEGMENT  FIRST  LAST  RECORDS"]),
      (["snapshot", data], []),
    ]

    for (words, says) in cases {
      let (status, output, _) = try program.run(["inspect"] + words)

      XCTAssertEqual(status, .exited(0), "\(words)")
      for text in says { XCTAssertTrue(output.contains(text), "\(words): \(output)") }
    }
    XCTAssertEqual(try files(), before)
  }

  func test_inspect_whenOfModeBFT_showsWhatAReplicaWrote() throws {
    let (genesis, data) = (folder + "/bft.json", folder + "/b1")
    for words in [
      "genesis create --mode bft --nodes 1=127.0.0.1:7301 -o \(genesis)",
      "server init --genesis \(genesis) --id 1 --key \(genesis).keys/node-1.key --data \(data)",
    ] {
      _ = try program.run(words.split(separator: " ").map(String.init))
    }
    var journal = try NodeDirectory(opening: PosixDisk(path: data)).journal
    let record = PBFTRecord.fencePassed(counter: 3)
    try journal.append([JournalRecord(payload: record.encoded(), isVital: record.isVital)])
    try journal.sync()

    let (status, output, _) = try program.run("inspect", "journal", data, "--records")
    let meta = try program.run("inspect", "meta", data)
    let recovered = try program.run("recover", "--from-survivor", data, "--to", folder + "/b")

    XCTAssertEqual(status, .exited(0))
    XCTAssertTrue(output.contains("\"kind\":\"fence-passed\""), output)
    XCTAssertFalse(meta.output.contains("voted_for"), meta.output)
    XCTAssertEqual(recovered.status, .exited(1))
    XCTAssertTrue(recovered.errors.contains("it is of mode bft"), recovered.errors)
  }

  func test_records_whenOfModeBFT_areNamed() {
    let digest = Digest(bits: Bits256(1, 0, 0, 0))
    let vote = CheckpointVote(
      sequenceNumber: SequenceNumber(7),
      digest: digest,
      stateRoot: digest,
      replica: ReplicaNumber(1),
      counter: 3,
      signature: .unsigned
    )
    let cases: [(record: PBFTRecord, says: String)] = [
      (.checkpoint(vote), "\"kind\":\"checkpoint\",\"index\":7"),
      (.fencePassed(counter: 3), "\"kind\":\"fence-passed\""),
    ]

    for (record, says) in cases {
      let shown = JSONValue.object(DirectoryInspection.byzantineMeaning(of: record.encoded())).json
      XCTAssertTrue(shown.contains(says), shown)
    }
  }

  func test_inspect_whenARecordIsDamaged_endsWithStatus9AndLeavesIt() throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
    bytes[4096 + 60] ^= 1
    bytes[100] ^= 1
    try bytes.write(to: URL(fileURLWithPath: segment))
    let before = try files()

    let (status, output, _) = try program.run(["inspect", "journal", data, "-o", "table"])

    XCTAssertEqual(status, .exited(9))
    XCTAssertTrue(output.contains("damaged: journal-0000000000000001.seg offset 0"), output)
    XCTAssertEqual(try files(), before)
  }

  func test_inspect_whenFoldersStandBesideTheFiles_namesThemAndGoesOn() throws {
    for name in ["evidence", "lost+found"] { try Folder.make(data + "/" + name) }

    let (status, output, errors) = try program.run("inspect", "meta", data)
    let tar = folder + "/b.tar"
    let bundle = try program.run("debug", "bundle", "--offline", "--data", data, "--out", tar)

    XCTAssertEqual(status, .exited(0), errors)
    XCTAssertTrue(output.contains("\"others\":[\"evidence\",\"lost+found\"]"), output)
    XCTAssertEqual(bundle.status, .exited(0), bundle.errors)
  }

  func test_inspect_whenAFolderBearsAFilesName_saysSo() throws {
    for name in ["identity", "boot", "journal-0000000000000001.seg"] {
      Folder.remove(data + "/" + name)
      try Folder.make(data + "/" + name)
    }
    try Folder.make(data + "/snapshot-0000000000000007.snap")

    for verb in ["meta", "journal", "snapshot"] {
      let (status, output, errors) = try program.run("inspect", verb, data)

      XCTAssertEqual(status, .exited(9), "\(verb): \(errors)")
      XCTAssertTrue(errors.contains("(directory_damaged)"), errors)
      XCTAssertFalse(output.contains("9223372036854775807"), output)
    }
    let recover = try program.run("recover", "--from-survivor", data)
    XCTAssertEqual(recover.status, .exited(1), recover.errors)
  }

  func test_inspect_whenAFilesNumberIsTheLargestThereIs_says() throws {
    let names = ["journal-18446744073709551615.seg", "snapshot-18446744073709551615.snap"]
    for name in names { try Data().write(to: URL(fileURLWithPath: data + "/" + name)) }

    for words in [["meta"], ["journal"], ["journal", "--records"], ["snapshot"]] {
      let ending = try program.run(["inspect"] + words + [data])

      XCTAssertEqual(ending.status, .exited(9), "\(words): \(ending.errors)")
    }
    let tar = folder + "/b.tar"
    let bundle = try program.run("debug", "bundle", "--offline", "--data", data, "--out", tar)
    XCTAssertEqual(bundle.status, .exited(0), bundle.errors)
  }

  func test_inspect_whenARunningNodeForgetsAFileMeanwhile_passesItOver() throws {
    var inspection = try DirectoryInspection(path: data)
    try FileManager.default.removeItem(atPath: segment)

    XCTAssertNil(try inspection.segmentFields(1))
    XCTAssertEqual(try inspection.recordFields(1).count, 0)
    XCTAssertEqual(inspection.damage, [])
  }

  func test_inspect_whenThereIsNothingToInspect_says() throws {
    try Folder.make(folder + "/empty")
    let cases: [(words: [String], status: Int32)] = [
      (["meta", folder + "/none"], 1), (["meta", folder + "/empty"], 1),
      (["journal", data, "--segment", "7"], 3), (["journal"], 2),
    ]

    for (words, status) in cases {
      XCTAssertEqual(try program.run(["inspect"] + words).status, .exited(status), "\(words)")
    }
  }

  private func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: data) {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: data + "/" + name))
    }
    return files
  }
}
