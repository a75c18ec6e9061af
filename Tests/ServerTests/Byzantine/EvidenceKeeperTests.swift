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
    XCTAssertEqual(try shelf.take(proof), .superfluous)
  }

  func test_shelf_whenNothingIsProved_keepsNothing() throws {
    var shelf = try shelf()
    var forged = proof(against: 1)
    forged[forged.count - 1] ^= 1

    for bytes in [forged, [], [1], [1, 2, 3]] {
      XCTAssertEqual(try shelf.take(bytes), .unproven)
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
    let keeper = try EvidenceKeeper(folder: folder, authority: authority, waker: try Waker())
    let sound = proof(against: 1)
    let id = SHA256Digester().digest(of: sound, domain: .evidence)

    keeper.offer(sound)
    keeper.stop()

    guard case .kept(id, .replica(ReplicaNumber(1)), sound)? = keeper.takeNotices().first else {
      return XCTFail("what a node finds itself is kept before it stops")
    }
    XCTAssertEqual(try files(), ["\(id).lsev"])
  }

  // MARK: - Proofs

  private var authority: Authority {
    Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: keys.map(\.publicKey),
      clients: [],
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

  private func vote(for block: UInt64, at place: UInt64, by replica: Int) -> Vote {
    authority.sign(
      Vote(
        kind: .prepare,
        place: BlockPlace(View(0), SequenceNumber(place)),
        digest: Digest(bits: Bits256(block, 0, 0, 0)),
        replica: ReplicaNumber(UInt8(replica)),
        counter: place,
        signature: Signature(first: .zero, second: .zero)
      ),
      by: keys[replica]
    )
  }
}
