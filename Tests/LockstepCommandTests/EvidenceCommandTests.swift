import Accountability
import Consensus
import Crypto
import Foundation
import Genesis
import JepsenHarness
import PBFT
import Wire
import XCTest

@testable import LockstepCommand

/// `lockstep evidence` and `receipt`, as a shell sees them, with a cluster's real keys.
final class EvidenceCommandTests: ProgramTestCase {
  private var genesis: String { folder + "/genesis.json" }

  override func setUpWithError() throws {
    try super.setUpWithError()
    let nodes = (1...4).map { "\($0)=127.0.0.1:\(8300 + 10 * $0)" }.joined(separator: ",")
    _ = try program.run("genesis", "create", "--mode", "bft", "--nodes", nodes, "-o", genesis)
  }

  func test_verify_whenAReplicaVotedTwice_namesItsNode() throws {
    let file = try write([try vote(1), try vote(2)])

    let (status, output, _) = try program.run("evidence", "verify", file, "--genesis", genesis)

    XCTAssertEqual(status, .exited(0))
    for text in [
      "\"verdict\":\"proven\"", "\"kind\":\"E3\"", "replica 2, node 3", "\"differs_1\":\"block: ",
      "commit of block",
    ] {
      XCTAssertTrue(output.contains(text), "\(text): \(output)")
    }
  }

  func test_verify_whenNothingIsProved_endsWithStatus9AndTheReason() throws {
    let sound = try vote(2)
    var forged = sound
    forged.counter += 1
    let cases: [(votes: [Vote], reason: String)] = [
      ([try vote(1), try vote(1)], "do not contradict"), ([try vote(1), forged], "not signed"),
    ]

    for (votes, reason) in cases {
      let file = try write(votes)
      let (status, output, errors) = try program.run(
        "evidence",
        "verify",
        file,
        "--genesis",
        genesis
      )

      XCTAssertEqual(status, .exited(9))
      XCTAssertTrue(output.contains("\"culprit\":\"nobody\""), output)
      XCTAssertTrue(errors.contains(reason), errors)
    }
  }

  func test_verify_whenTheFileIsMalformed_endsWithStatus2() throws {
    let file = folder + "/evidence/a.lsev"
    try Folder.make(folder + "/evidence")
    try Data([1, 99]).write(to: URL(fileURLWithPath: file))

    let (status, _, errors) = try program.run("evidence", "verify", file, "--genesis", genesis)

    XCTAssertEqual(status, .exited(2))
    XCTAssertTrue(errors.contains("no valid evidence kind"), errors)
  }

  func test_ls_whenTheGenesisLiesBesideIt_givesVerdicts() throws {
    _ = try write([try vote(1), try vote(2)])

    let (status, output, _) = try program.run("evidence", "ls", folder)
    let (_, unchecked, _) = try program.run("evidence", "ls", folder + "/evidence")

    XCTAssertEqual(status, .exited(0))
    XCTAssertTrue(output.contains("\"verdict\":\"proven\""), output)
    XCTAssertTrue(unchecked.contains("\"verdict\":\"not checked\""), unchecked)
  }

  func test_ls_whenAFileIsRotten_showsTheOthersToo() throws {
    _ = try write([try vote(1), try vote(2)])
    let rotten = folder + "/evidence/rotten.lsev"
    try Data([1, 99]).write(to: URL(fileURLWithPath: rotten))

    let (status, output, errors) = try program.run("evidence", "ls", folder)

    XCTAssertEqual(status, .exited(2))
    XCTAssertTrue(errors.contains(rotten), errors)
    XCTAssertTrue(output.contains("\"verdict\":\"proven\""), output)
    XCTAssertTrue(output.contains("\"verdict\":\"unreadable\""), output)
  }

  func test_audit_whenItsEvidenceIsThereAlready_keepsItOnce() throws {
    let evidence = Evidence.conflictingVotes(try vote(1), try vote(2))
    let kept = folder + "/kept"

    let failures = try (1...2).map { _ in
      AuditCommand.keep([evidence], in: kept, try authority()).count
    }

    let file = "\(EvidenceReport(on: evidence, by: try authority()).id).lsev"
    XCTAssertEqual(failures, [0, 0])
    XCTAssertEqual(Folder.names(in: kept), [file])
    let url = URL(fileURLWithPath: kept + "/" + file)
    XCTAssertEqual(try Array(Data(contentsOf: url)), evidence.encoded())
    try Data().write(to: url)
    let rotten = AuditCommand.keep([evidence], in: kept, try authority())
    XCTAssertTrue(rotten.first?.message.contains(file) ?? false, "not taken for the same")
  }

  func test_receipt_whenTwoOfFourStandByIt_isProven() throws {
    let file = folder + "/put.receipt"
    for (count, ending) in [(2, Int32(0)), (1, 9)] {
      let receipt = try receipt(by: count)
      try Data(receipt.encoded()).write(to: URL(fileURLWithPath: file))

      let (status, output, _) = try program.run("receipt", "verify", file, "--genesis", genesis)

      XCTAssertEqual(status, .exited(ending))
      XCTAssertTrue(output.contains("\"client\":\"client client-1\""), output)
    }
  }

  // MARK: - What is signed

  private func authority() throws -> Authority {
    try Genesis.authority(genesis).authority
  }

  private func key(_ name: String) throws -> PrivateKey {
    try KeyFile.read("\(genesis).keys/\(name).key")
  }

  private func vote(_ block: UInt64) throws -> Vote {
    let vote = Vote(
      kind: .commit,
      place: BlockPlace(View(0), SequenceNumber(1)),
      digest: Digest(bits: Bits256(block, 0, 0, 0)),
      replica: ReplicaNumber(2),
      counter: 7,
      signature: .unsigned
    )
    return try authority().sign(vote, by: try key("node-3"))
  }

  /// Two votes as a file in the folder `evidence`.
  private func write(_ votes: [Vote]) throws -> String {
    let file = folder + "/evidence/a.lsev"
    try Folder.make(folder + "/evidence")
    let bytes = Evidence.conflictingVotes(votes[0], votes[1]).encoded()
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  private func receipt(by count: Int) throws -> Receipt {
    let authority = try authority()
    let request = ClientRequest(.write, session: 1, sequence: 1, command: [1])
    let fact = ReceiptWord.Fact(
      block: (SequenceNumber(1), Digest(bits: Bits256(1, 2, 3, 4))),
      index: LogIndex(2),
      client: try key("client-1").publicKey,
      request: authority.digest(of: request),
      result: authority.digester.digest(of: [9], domain: .result)
    )
    let words = try (0..<count).map { number in
      authority.word(
        for: fact,
        of: ReplicaNumber(UInt8(number)),
        by: try key("node-\(number + 1)")
      )
    }
    return Receipt(request: request, result: [9], words: words)
  }
}
