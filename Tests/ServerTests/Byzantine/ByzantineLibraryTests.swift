import Crypto
import Foundation
import Genesis
import LockstepByzantineClient
import LockstepClient
import PBFT
import Wire
import XCTest

/// The client library that ships, before four servers that ship.
final class ByzantineLibraryTests: XCTestCase {
  private var cluster: ByzantineTestCluster?

  override func tearDown() {
    cluster?.stopAll()
  }

  func test_library_whenFourServersAnswer_writesAndReads() async throws {
    let url = try url(options: "")

    try await Client.with(verifying: url) { db in
      let written = try await db.kv.put("colour", Array("blue".utf8))
      let found = try await db.kv.get("colour")
      let missing = try await db.kv.get("shape")
      let sums = try await [db.kv.increment("n", by: 2), db.kv.increment("n", by: 3)]
      let databases = try await db.databases()

      XCTAssertEqual(found?.value, Array("blue".utf8))
      XCTAssertEqual(found?.revision, written.revision)
      XCTAssertNil(missing)
      XCTAssertEqual(sums.map(\.value), [2, 5])
      XCTAssertEqual(databases, ["shop"])
    }
  }

  func test_library_whenABackupEnds_goesOnWithItsSession() async throws {
    let url = try url(options: "&reads=fast")

    try await Client.with(verifying: url) { db in
      let first = try await db.kv.put("k", [1])
      cluster?.stop(4)
      let second = try await db.kv.put("k", [2], ifRevision: first.revision)
      let found = try await db.kv.get("k")

      XCTAssertGreaterThan(second.revision, first.revision)
      XCTAssertEqual(found?.value, [2])
    }
  }

  /// One of four may be down, and another one behind.
  func test_receipt_whenOneNodeIsDown_isProofOfTheWrite() async throws {
    let url = try url(options: "")
    let cluster = try XCTUnwrap(cluster)

    try await Client.with(verifying: url) { db in
      cluster.stop(4)
      let written = try await db.kv.put("k", [1])
      let write = try XCTUnwrap(written.write)
      let receipt = try await db.receipt(of: write)
      let document = try await db.collection("c", of: JSON.self).put(["n": 1], id: "a")
      let ofDocument = try await db.receipt(of: document.write)
      let never = WriteID(session: write.session, sequence: document.write.sequence + 1)
      let code = await code { try await db.receipt(of: never, timeout: .milliseconds(300)) }

      let read = try Receipt(decoding: receipt.bytes)
      XCTAssertEqual(read.request.sequence, write.sequence)
      XCTAssertNil(cluster.authority.flaw(in: read))
      XCTAssertEqual(receipt.nodes, read.words.map { UInt32($0.replica.place + 1) })
      XCTAssertEqual(receipt.convictions, [])
      let readOfDocument = try Receipt(decoding: ofDocument.bytes)
      XCTAssertEqual(readOfDocument.request.sequence, document.write.sequence)
      XCTAssertNil(cluster.authority.flaw(in: readOfDocument))
      XCTAssertEqual(code, .tooFewAnswers)
    }
  }

  /// The URL of a cluster that has just been started, with the files that it names.
  private func url(options: String) throws -> String {
    let cluster = try ByzantineTestCluster(count: 4)
    self.cluster = cluster
    try cluster.startAll()
    let (genesis, key) = ("\(cluster.root)/genesis.json", "\(cluster.root)/client-1.key")
    try Data(cluster.genesis.fileText.utf8).write(to: URL(fileURLWithPath: genesis))
    try KeyFile.create(key, cluster.clients[0])
    let hosts = cluster.genesis.configuration.seats.map(\.clientAddress).joined(separator: ",")
    return "lockstep://\(hosts)/shop?genesis=\(genesis)&key=\(key)&timeout=60s\(options)"
  }
}

private func code(_ call: () async throws -> some Any) async -> LockstepError.Code? {
  do {
    _ = try await call()
    return nil
  } catch {
    return (error as? LockstepError)?.code
  }
}
