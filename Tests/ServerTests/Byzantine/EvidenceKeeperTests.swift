import Consensus
import Crypto
import Foundation
import PBFT
import Storage
import Transport
import Wire
import XCTest

@testable import Server

final class EvidenceKeeperTests: XCTestCase {
  private var folder = ""
  private var keys: [PrivateKey] = []
  private var clientKeys: [PrivateKey] = []

  override func setUpWithError() throws {
    folder = NSTemporaryDirectory() + "lockstep-evidence-\(UUID().uuidString)"
    keys = try (0..<4).map { _ in try .generate() }
  }

  override func tearDown() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  func test_shelf_whenAProofIsTaken_keepsItUnderItsDigest() throws {
    var shelf = try shelf()
    let proof = proof(against: 1)

    let outcome = try shelf.take(proof)

    let id = SHA256Digester().digest(of: proof, domain: .evidence)
    XCTAssertEqual(outcome, .kept(id, .replica(ReplicaNumber(1))))
    XCTAssertEqual(try files(), ["\(id).lsev"])
    XCTAssertEqual(try shelf.bytes(of: id), proof)
    XCTAssertEqual(try shelf.take(proof), .known)
  }

  func test_shelf_whenAFileHasRotted_passesItOnNoMore_andTakesItAgain() throws {
    var shelf = try shelf()
    let proof = proof(against: 1)
    _ = try shelf.take(proof)
    let id = try XCTUnwrap(shelf.ids.first)
    var rotten = proof
    rotten[rotten.count - 1] ^= 1
    try Data(rotten).write(to: URL(fileURLWithPath: "\(folder)/\(id).lsev"))

    XCTAssertNil(try shelf.bytes(of: id))
    XCTAssertEqual(shelf.ids, [])
    XCTAssertEqual(try shelf.take(proof), .kept(id, .replica(ReplicaNumber(1))))
  }

  func test_shelf_whenTooManyAreShownAgain_judgesEachOnce() throws {
    var shelf = try shelf()
    for place in 1...4 { _ = try shelf.take(proof(against: 1, place: UInt64(place))) }
    let fifth = proof(against: 1, place: 5)

    XCTAssertEqual(try shelf.take(fifth), .superfluous)
    XCTAssertEqual(try shelf.take(fifth), .known)
  }

  func test_keeper_whenAProofHasBeenShown_showsTheNextToTheSame_andThenAllToTheNext() throws {
    let keeper = try keeper()
    for replica in 1...3 { keeper.offer(proof(against: replica)) }
    _ = wait(for: 3, of: keeper)

    var shown: [(bytes: [UInt8], round: Int)] = []
    for _ in 0..<9 {
      keeper.showNext()
      guard case .shown(let bytes, let round)? = wait(for: 1, of: keeper).first else {
        return XCTFail("showed nothing")
      }
      shown.append((bytes, round))
    }
    keeper.stop()

    XCTAssertEqual(shown.map(\.round), [0, 0, 0, 1, 1, 1, 2, 2, 2])
    XCTAssertEqual(Set(shown.prefix(3).map(\.bytes)).count, 3, "each node is shown every proof")
  }

  func test_shelf_whenNothingIsProved_keepsNothing() throws {
    var shelf = try shelf()
    var forged = proof(against: 1)
    forged[forged.count - 1] ^= 1

    XCTAssertEqual(try shelf.take(forged), .unproven)
    for bytes in [[], [1], [1, 2, 3]] as [[UInt8]] {
      XCTAssertEqual(try shelf.take(bytes), .unreadable)
    }
    XCTAssertEqual(try files(), [])
  }

  func test_shelf_whenALiarMakesMany_keepsAFew() throws {
    var shelf = try shelf()

    for place in 1...10 { _ = try shelf.take(proof(against: 1, place: UInt64(place))) }
    let other = try shelf.take(proof(against: 2))

    XCTAssertEqual(shelf.ids.count, EvidenceShelf.heapMax + 1)
    XCTAssertNotEqual(other, .superfluous)
  }

  func test_shelf_whenOpenedAgain_knowsWhatItHoldsAndRemovesHalves() throws {
    var shelf = try shelf()
    for place in 1...4 { _ = try shelf.take(proof(against: 1, place: UInt64(place))) }
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/half.lsev.tmp"))
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/mine.lsev"))

    var again = try self.shelf()

    XCTAssertEqual(Set(again.ids), Set(shelf.ids))
    XCTAssertEqual(try again.take(proof(against: 1, place: 5)), .superfluous)
    XCTAssertFalse(try files().contains("half.lsev.tmp"))
    XCTAssertTrue(try files().contains("mine.lsev"))
  }

  func test_keeper_whenStopped_hasKeptWhatTheNodeFound() throws {
    let keeper = try keeper()
    let sound = proof(against: 1)
    let id = SHA256Digester().digest(of: sound, domain: .evidence)

    keeper.offer(sound)
    keeper.stop()

    guard case .kept(id, .replica(ReplicaNumber(1)), sound)? = keeper.takeNotices().first else {
      return XCTFail("what a node finds itself is kept before it stops")
    }
    XCTAssertEqual(try files(), ["\(id).lsev"])
  }

  func test_shelf_whenClientsFillTheirRoom_keepsWhatReplicasDo() throws {
    clientKeys = try (0...EvidenceShelf.clientsCountMax / 4).map { _ in try .generate() }
    var shelf = try shelf()
    for client in clientKeys.indices {
      for place in 1...4 as ClosedRange<UInt64> {
        _ = try shelf.take(proof(againstClient: client, place: place))
      }
    }

    let outcome = try shelf.take(proof(against: 1))

    XCTAssertEqual(shelf.ids.count, EvidenceShelf.clientsCountMax + 1)
    guard case .kept(_, .replica(ReplicaNumber(1))) = outcome else { return XCTFail("\(outcome)") }
    var again = try self.shelf()
    XCTAssertEqual(try again.take(proof(againstClient: 64, place: 9)), .superfluous)
  }

  func test_shelf_whenAFileCannotBeRead_knowsTheOthers() throws {
    var shelf = try shelf()
    for replica in 1...2 { _ = try shelf.take(proof(against: replica)) }
    let disk = try FaultyDisk(path: folder)
    disk.lose(0..<1, of: "\(shelf.ids[0]).lsev")

    let again = try EvidenceShelf(on: disk, by: authority)

    XCTAssertEqual(again.ids, [shelf.ids[1]])
    XCTAssertNotNil(again.flaw)
  }

  func test_keeper_whenTheDiskFailsForAWhile_keepsAllThatTheNodeFoundAndSaysSoOnce() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let disk = try FaultyDisk(path: folder)
    let keeper = try keeper(on: disk)
    disk.fill()
    for replica in 1...2 { keeper.offer(proof(against: replica)) }
    let failures = wait(for: 1, of: keeper)

    disk.makeSpace()
    keeper.offer(proof(against: 3))
    let kept = wait(for: 3, of: keeper)
    keeper.stop()

    guard case .failed(.noSpace)? = failures.first else { return XCTFail("\(failures)") }
    let culprits = kept.compactMap { notice -> Culprit? in
      guard case .kept(_, let culprit, _) = notice else { return nil }
      return culprit
    }
    XCTAssertEqual(Set(culprits), Set((1...3).map { .replica(ReplicaNumber($0)) }))
    XCTAssertEqual(failures.count + kept.count, 4, "\(failures), \(kept)")
    XCTAssertEqual(try files().count, 3)
  }

  func test_keeper_whenTheFolderCannotBeMade_triesAgain() throws {
    let place = folder
    try Data([1]).write(to: URL(fileURLWithPath: place))
    let keeper = try keeper()
    guard case .failed? = wait(for: 1, of: keeper).first else { return XCTFail("said nothing") }

    try FileManager.default.removeItem(atPath: place)
    keeper.offer(proof(against: 1))

    guard case .kept? = wait(for: 1, of: keeper).first else { return XCTFail("kept nothing") }
    keeper.stop()
  }

  // MARK: - Proofs

  private func keeper(on disk: (any Disk)? = nil) throws -> EvidenceKeeper {
    let path = folder
    return try EvidenceKeeper(
      authority: authority,
      waker: try Waker(),
      openFolder: { () throws(DiskError) in
        if let disk { return disk }
        return try PosixDisk(path: path, creating: true)
      }
    )
  }

  /// What a keeper says, until it has said so much.
  private func wait(for count: Int, of keeper: EvidenceKeeper) -> [EvidenceKeeper.Notice] {
    let deadline = Date() + 60
    var notices: [EvidenceKeeper.Notice] = []
    while notices.count < count, Date() < deadline {
      notices += keeper.takeNotices()
      sched_yield()
    }
    return notices
  }

  private var authority: Authority {
    Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: keys.map(\.publicKey),
      clients: clientKeys.map(\.publicKey),
      verifier: Ed25519Verifier(keys: keys.map(\.publicKey)),
      digester: SHA256Digester()
    )
  }

  private func shelf() throws -> EvidenceShelf {
    try EvidenceShelf(on: PosixDisk(path: folder, creating: true), by: authority)
  }

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func proof(against replica: Int, place: UInt64 = 1) -> [UInt8] {
    Evidence.conflictingVotes(
      vote(for: 1, at: place, by: replica),
      vote(for: 2, at: place, by: replica)
    ).encoded()
  }

  private func proof(againstClient client: Int, place: UInt64) -> [UInt8] {
    let envelopes = (1...2 as ClosedRange<UInt8>).map { content in
      let requests = [
        ClientRequest(.write, session: 1, sequence: place, command: Bytes([content]))
      ]
      let unsigned = SignedEnvelope(
        client: clientKeys[client].publicKey,
        requests: requests,
        signature: .unsigned
      )
      let bytes = unsigned.signedBytes(in: authority.cluster, SHA256Digester())
      return SignedEnvelope(
        client: unsigned.client,
        requests: requests,
        signature: clientKeys[client].sign(bytes)
      )
    }
    return Evidence.conflictingRequests(envelopes[0], envelopes[1]).encoded()
  }

  private func vote(for block: UInt64, at place: UInt64, by replica: Int) -> Vote {
    authority.sign(
      Vote(
        kind: .prepare,
        place: BlockPlace(View(0), SequenceNumber(place)),
        digest: Digest(bits: Bits256(block, 0, 0, 0)),
        replica: ReplicaNumber(UInt8(replica)),
        counter: place,
        signature: .unsigned
      ),
      by: keys[replica]
    )
  }
}
