import Consensus
import Crypto
import Foundation
import Genesis
import JepsenHarness
import PBFT
import Server
import Storage
import XCTest

@testable import LockstepCommand

/// `lockstep audit`, as a shell sees it.
final class AuditCommandTests: ProgramTestCase {
  private var genesis: String { folder + "/genesis.json" }

  /// The directories of two nodes: the first holds two states behind one block, each signed by
  /// three nodes, and a record that nobody writes; the second names nobody.
  override func setUpWithError() throws {
    try super.setUpWithError()
    let nodes = (1...4).map { "\($0)=127.0.0.1:\(8300 + 10 * $0)" }.joined(separator: ",")
    _ = try program.run("genesis", "create", "--mode", "bft", "--nodes", nodes, "-o", genesis)
    for node in 1...2 {
      let words =
        "server init --genesis \(genesis) --id \(node) --key \(genesis).keys/node-\(node).key "
        + "--data \(folder)/n\(node)"
      _ = try program.run(words.split(separator: " ").map(String.init))
    }
    var journal = try NodeDirectory(opening: PosixDisk(path: folder + "/n1")).journal
    let states = try (1...2).map { PBFTRecord.stable(try stable($0)).encoded() }
    try journal.append((states + [[99]]).map { JournalRecord(payload: $0, isVital: true) })
    try journal.sync()
    let identity = folder + "/n2/identity"
    let size = try Data(contentsOf: URL(fileURLWithPath: identity)).count
    try Data(count: size).write(to: URL(fileURLWithPath: identity))
  }

  func test_audit_whenADirectoryCannotBeRead_judgesTheOthers() throws {
    for names in [["n1", "n2", "none"], ["none", "n2", "n1"]] {
      let kept = folder + "/kept-with-\(names[0])"
      let ending = try audit(names, ["--evidence", kept])

      XCTAssertEqual(ending.status, .exited(9), ending.errors)
      XCTAssertEqual(Folder.names(in: kept).count, 3, "each of three nodes signed both states")
      XCTAssertTrue(ending.errors.contains("fault: \(folder)/n1: the record at"), ending.errors)
      XCTAssertTrue(ending.errors.contains("n2: identity: no copy"), ending.errors)
      XCTAssertTrue(ending.errors.contains("none: "), ending.errors)
      let rows = ending.output.split(separator: "\n")
      XCTAssertEqual(rows.count, 3, ending.output)
      XCTAssertEqual(rows.count { $0.contains("\"verdict\":\"unreadable\"") }, 2, ending.output)
    }
  }

  func test_audit_whenNothingElseIsWrong_endsAsWhatCannotBeRead() throws {
    let ending = try audit(["n2"])

    XCTAssertEqual(ending.status, .exited(1), ending.errors)
    XCTAssertTrue(ending.errors.contains("(directory_foreign)"), ending.errors)
    XCTAssertTrue(ending.output.contains("\"verdict\":\"unreadable\""), ending.output)
  }

  func test_audit_whenJSONIsAskedFor_isOneValue() throws {
    let ending = try audit(["n1", "n1"], ["-o", "json"])

    let value = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
    XCTAssertEqual((value as? [Any])?.count, 2, ending.output)
  }

  private func audit(_ names: [String], _ more: [String] = []) throws -> BuiltProgram.Ending {
    try program.run(["audit"] + names.map { "\(folder)/\($0)" } + ["--genesis", genesis] + more)
  }

  /// What three nodes say of the state behind one block.
  private func stable(_ root: UInt64) throws -> StableCertificate {
    let authority = try Genesis.authority(genesis).authority
    let header = BlockHeader(
      place: BlockPlace(View(0), SequenceNumber(1)),
      parent: Digest(bits: Bits256(1, 0, 0, 0)),
      timeMicroseconds: 1,
      lastIndex: LogIndex(2),
      requestCount: 1,
      bodySize: 1,
      bodyRoot: Digest(bits: Bits256(2, 0, 0, 0)),
      kind: .normal,
      newView: .zero
    )
    let state = Digest(bits: Bits256(root, 0, 0, 0))
    let votes = try (0..<3).map { number in
      let vote = CheckpointVote(
        sequenceNumber: header.sequenceNumber,
        digest: authority.digest(of: header),
        stateRoot: state,
        replica: ReplicaNumber(UInt8(number)),
        counter: root,
        signature: .unsigned
      )
      let key: PrivateKey = try KeyFile.read("\(genesis).keys/node-\(number + 1).key")
      return authority.sign(vote, by: key)
    }
    return StableCertificate(
      header: header,
      stateRoot: state,
      replicas: votes.map { Endorsement($0) }
    )
  }
}
