import Accountability
import ClientProtocol
import Consensus
import Documents
import Foundation
import PBFT
import Replication
import Storage
import Wire
import XCTest

final class DirectoryAuditTests: XCTestCase {
  private var folders: [String] = []

  override func tearDown() {
    for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
  }

  func test_audit_whenNobodyLied_comesToEveryVouchedState() throws {
    let node = try LoneNode()
    node.write(20)

    let audit = try audit(node, node.records)

    XCTAssertEqual(audit.problems, [])
    XCTAssertNil(audit.obstacle)
    XCTAssertEqual(audit.chain.first?.header.sequenceNumber, SequenceNumber(1))
    // The mark of the newest commit waits for the next record.
    XCTAssertEqual(audit.chain.count, 20)
    XCTAssertEqual(audit.appliedThrough, LogIndex(21))
    XCTAssertEqual(audit.checks.map(\.place), [4, 8, 12, 16, 20])
    XCTAssertEqual(audit.verdict, .sound)
  }

  func test_audit_whenABlockIsThereAgainWithoutItsBody_appliesTheGoodOne() throws {
    let node = try LoneNode()
    node.write(6)
    let blocks = node.records.compactMap { record -> Block? in
      if case .accepted(let proposal, _) = record { proposal.block } else { nil }
    }
    var empty = try XCTUnwrap(blocks.dropFirst(2).first)
    empty.body = []

    let audit = try audit(node, node.records + [.adopted(empty)])

    XCTAssertEqual(audit.verdict, .faulty)
    XCTAssertEqual(audit.checks.map(\.place), [4])
    XCTAssertEqual(audit.chain.count, 6)
  }

  func test_audit_whenTheJournalIsTrimmed_goesOnFromTheSnapshot() throws {
    let node = try LoneNode()
    let state = try trim(node)

    let audit = try audit(node, in: node.trimmedDirectory(with: state))

    XCTAssertEqual(audit.problems, [])
    XCTAssertNil(audit.obstacle)
    XCTAssertGreaterThan(audit.chain.first?.header.sequenceNumber.rawValue ?? 0, 1)
    XCTAssertEqual(audit.snapshotIndex, state.index)
    XCTAssertEqual(audit.checks.map(\.place), [20, 24, 28])
    XCTAssertEqual(audit.verdict, .sound)
  }

  func test_audit_whenTheSnapshotIsOfAnotherState_isFaulty() throws {
    let node = try LoneNode()
    let state = try trim(node)
    var machine = DocumentStore(cursorSeed: 7)
    let put = Command(
      place: Place(collection: "kv"),
      operation: .kvPut(key: [1], value: [9])
    )
    _ = machine.apply(
      Bytes(put.encoded()),
      at: LogPlace(index: state.index, logTimeMicroseconds: 1, wallMilliseconds: 1)
    )
    let changed = StateRootOrder(mark: state.mark, machine: machine, sessions: state.sessions)

    let audit = try audit(node, in: node.trimmedDirectory(with: changed))

    XCTAssertEqual(audit.snapshotIndex, state.index)
    XCTAssertEqual(audit.verdict, .faulty)
    XCTAssertEqual(audit.problems.count, 3)
    XCTAssertTrue(audit.problems[0].hasPrefix("the state at place 20 has root "))
  }

  func test_audit_whenTheJournalIsTrimmedAndNoSnapshotThere_saysWhereAStateIsMissing() throws {
    let node = try LoneNode()
    _ = try trim(node)

    let audit = try audit(node, in: node.trimmedDirectory(with: nil))

    let first = try XCTUnwrap(audit.chain.first).header.firstIndex.rawValue
    XCTAssertGreaterThan(first, 2)
    XCTAssertEqual(
      audit.obstacle,
      "no state is here from which the blocks go on at index \(first)"
    )
    XCTAssertNil(audit.snapshotIndex)
    XCTAssertEqual(audit.problems, [])
    XCTAssertEqual(audit.verdict, .unproven)
  }

  func test_audit_whenNothingIsVouchedFor_isNotCalledSound() throws {
    let node = try LoneNode()
    node.write(2)

    XCTAssertEqual(try audit(node, node.records).verdict, .unproven)
    XCTAssertEqual(try audit(node, []).verdict, .unproven)
  }

  func test_audit_whenTwoStatesAreVouchedForBehindOneBlock_convictsWhoSignedBoth() throws {
    let node = try LoneNode()
    node.write(6)
    let other = rewritten(node)
    var all = try audit(node, node.records).chainAudit

    all.join(try audit(node, other).chainAudit)

    let convictions = all.convictions()
    XCTAssertEqual(convictions.map(\.code), ["E4"])
  }

  func test_audit_whenACommandWasReplaced_findsTheRecord() throws {
    let node = try LoneNode()
    node.write(6)
    var records = node.records
    let place = try XCTUnwrap(records.lastIndex { if case .accepted = $0 { true } else { false } })
    guard case .accepted(var proposal, let prepare) = records[place] else { return XCTFail("?") }
    proposal.block.body[0].requests[0].command = [9]
    records[place] = .accepted(proposal, prepare: prepare)

    let audit = try audit(node, records)

    XCTAssertTrue(audit.problems.contains("record \(place + 1): the body is not the header's"))
    XCTAssertTrue(
      audit.problems.contains("record \(place + 1): an envelope is not a registered client's")
    )
  }

  func test_audit_whenTheVouchedStateIsAnother_saysWhichAndWhatCameOfIt() throws {
    let node = try LoneNode()
    node.write(6)
    let audit = try audit(node, rewritten(node))

    XCTAssertEqual(audit.problems.count, 1)
    XCTAssertTrue(audit.problems[0].hasPrefix("the state at place 4 has root "))
  }

  func test_audit_whenTheDirectoryIsOfAnotherCluster_refusesIt() throws {
    let node = try LoneNode()
    let another = try LoneNode()
    let folder = try node.directory(of: node.records)
    folders.append(folder)
    let authority = Authority(
      cluster: ClusterID(high: 9, low: 9),
      replicas: another.authority.replicas,
      clients: another.authority.clients,
      verifier: another.authority.verifier,
      digester: another.authority.digester
    )

    XCTAssertThrowsError(
      try DirectoryAudit(
        of: PosixDisk(path: folder, readOnly: true),
        configuration: node.configuration,
        authority: authority
      )
    )
  }

  /// The records of a node that vouches for another state than it came to.
  private func rewritten(_ node: LoneNode) -> [PBFTRecord] {
    node.records.map { record in
      guard case .stable(var certificate) = record else { return record }
      certificate.stateRoot = Digest(bits: Bits256(1, 2, 3, 4))
      let vote = CheckpointVote(
        sequenceNumber: certificate.header.sequenceNumber,
        digest: node.authority.digest(of: certificate.header),
        stateRoot: certificate.stateRoot,
        replica: ReplicaNumber(0),
        counter: certificate.replicas[0].counter,
        signature: .unsigned
      )
      certificate.replicas = [Endorsement(node.authority.sign(vote, by: node.key))]
      return .stable(certificate)
    }
  }

  /// Has a node write more than a segment, take a snapshot of the state behind block 20, and go on.
  private func trim(_ node: LoneNode) throws -> StateRootOrder<DocumentStore> {
    node.write(19, size: 16 << 10)
    let state = try node.snapshotIsTaken()
    XCTAssertGreaterThan(node.forgetBelow, 1)
    node.write(9)
    return state
  }

  private func audit(_ node: LoneNode, _ records: [PBFTRecord]) throws -> DirectoryAudit {
    try audit(node, in: node.directory(of: records))
  }

  private func audit(_ node: LoneNode, in folder: String) throws -> DirectoryAudit {
    folders.append(folder)
    return try DirectoryAudit(
      of: PosixDisk(path: folder, readOnly: true),
      configuration: node.configuration,
      authority: node.authority
    )
  }
}
