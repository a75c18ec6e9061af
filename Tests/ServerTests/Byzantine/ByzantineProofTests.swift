import ClientProtocol
import Consensus
import Crypto
import Foundation
import PBFT
import Wire
import XCTest

@testable import Server

/// What nodes can be held to: receipts that they sign, and proofs of lies that they keep.
final class ByzantineProofTests: XCTestCase {
  func test_receipt_whenNodesAreAsked_isSignedAlikeByThemAll() throws {
    try withCluster { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      let put = client.put(session, 1, 1, [5])
      try client.send(client.envelope([put]))
      for id in client.links.keys.sorted() { _ = try client.reply(to: put.key, from: id) }

      var words: [ReceiptWord] = []
      var whole: Receipt?
      for id in client.links.keys.sorted() {
        let bytes = try XCTUnwrap(client.receipt(for: put.key, from: id))
        let receipt = try Receipt(decoding: bytes)
        words += receipt.words
        whole = receipt
      }
      var receipt = try XCTUnwrap(whole)
      receipt.words = Array(words.prefix(2))

      XCTAssertEqual(words.count, 4)
      XCTAssertEqual(Set(words.map(\.fact)).count, 1)
      XCTAssertEqual(receipt.request, put)
      XCTAssertNil(cluster.authority.flaw(in: receipt))
    }
  }

  func test_receipt_whenTheWriteIsAnothersOrNone_isRefused() throws {
    try withCluster { cluster in
      let owner = try ByzantineTestClient(of: cluster)
      let session = try owner.openSession()
      let put = owner.put(session, 1, 1, [5])
      _ = try owner.order(put)

      let stranger = try ByzantineTestClient(of: cluster, 1)
      let never = RequestKey(kind: .write, session: session, sequence: 2)

      XCTAssertNil(try stranger.receipt(for: put.key, from: 1))
      XCTAssertNil(try owner.receipt(for: never, from: 1))
    }
  }

  func test_evidence_whenOneNodeFindsIt_isKeptByAll() throws {
    try withCluster { cluster in
      let proof = Evidence.conflictingVotes(
        vote(for: 1, of: cluster),
        vote(for: 2, of: cluster)
      ).encoded()
      let id = SHA256Digester().digest(of: proof, domain: .evidence)

      cluster.nodes[0].remains.server?.evidence.offer(proof)

      for node in cluster.nodes {
        let line = try XCTUnwrap(node.log.wait(for: "evidence.found"))
        XCTAssertTrue(line.contains("\(id)"), line)
        let file = "\(node.folder)/evidence/\(id).lsev"
        XCTAssertEqual(FileManager.default.contents(atPath: file).map(Array.init), proof)
      }
    }
  }

  /// Two envelopes may be more than a frame: that a node found it must not cost it the others.
  func test_evidence_whenItIsTooLargeToTravel_staysWhereItWasFound() throws {
    try withCluster { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let rivals = (1...2 as ClosedRange<UInt8>).map {
        client.envelope([client.put(1 << 16, 1, 1, Array(repeating: $0, count: 5 << 20))])
      }
      let keeper = cluster.nodes[0].remains.server?.evidence

      keeper?.offer(Evidence.conflictingRequests(rivals[0], rivals[1]).encoded())
      let kept = cluster.nodes[0].log.wait(for: "evidence.found")
      keeper?.offer(
        Evidence.conflictingVotes(vote(for: 1, of: cluster), vote(for: 2, of: cluster)).encoded()
      )

      XCTAssertNotNil(kept)
      for node in cluster.nodes.dropFirst() {
        XCTAssertNotNil(node.log.wait(for: "evidence.found"))
        XCTAssertFalse(node.log.all.contains { $0.contains("peer.refused") })
      }
    }
  }

  // MARK: - Helpers

  private func withCluster(_ body: (ByzantineTestCluster) throws -> Void) throws {
    let cluster = try ByzantineTestCluster(count: 4)
    defer { cluster.stopAll() }
    try cluster.startAll()
    try body(cluster)
  }

  private func vote(for block: UInt64, of cluster: ByzantineTestCluster) -> Vote {
    cluster.authority.sign(
      Vote(
        kind: .commit,
        place: BlockPlace(View(9), SequenceNumber(9)),
        digest: Digest(bits: Bits256(block, 0, 0, 0)),
        replica: ReplicaNumber(3),
        counter: 1 << 40,
        signature: .unsigned
      ),
      by: cluster.keys[3]
    )
  }
}
