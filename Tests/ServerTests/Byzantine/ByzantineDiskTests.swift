import ClientProtocol
import Consensus
import Foundation
import XCTest

@testable import Server

/// Disks that fail and hang beneath nodes of a Byzantine cluster.
final class ByzantineDiskTests: ServerTestCase {
  private func withFaultyDisk(
    beneath id: UInt32,
    of count: Int,
    _ body: (ByzantineTestCluster, FaultyDisk) throws -> Void
  ) throws {
    let cluster = try ByzantineTestCluster(count: count) {
      $0.diskFarewellMicroseconds = 500_000
    }
    defer { cluster.stopAll() }
    let node = cluster.nodes[Int(id) - 1]
    let disk = try FaultyDisk(path: node.folder)
    node.disk = disk
    defer { disk.release() }
    try cluster.startAll()
    try body(cluster, disk)
  }

  func test_node_whoseSyncFails_stopsWithoutAPromise() throws {
    try withFaultyDisk(beneath: 1, of: 1) { cluster, disk in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      disk.failSyncs()

      try client.send(client.envelope([client.put(session, 1, 1, [1])]))
      let error = try XCTUnwrap(cluster.join(1))

      XCTAssertEqual(try client.links[1]?.readToEnd(), [], "nothing was promised")
      XCTAssertTrue("\(error)".contains("fdatasync"), "\(error)")
      XCTAssertFalse(cluster.nodes[0].log.contain("event=server.stopped"))
    }
  }

  func test_node_whoseSnapshotHasRotted_saysSoAndTakesAnother() throws {
    let cluster = try ByzantineTestCluster(count: 1) {
      $0.replica.snapshotLogSizeMin = 64 << 10
    }
    defer { cluster.stopAll() }
    try cluster.startAll()
    let node = cluster.nodes[0]
    try writeBlocks(to: cluster, nonce: 1)
    XCTAssertNotNil(node.log.wait(for: "event=snapshot.taken"))
    cluster.stop(1)
    let newest = try XCTUnwrap(try snapshots(of: node).last)
    try rot(newest)

    try cluster.start(1)

    XCTAssertNotNil(node.log.wait(for: "event=snapshot.damaged"))
    let taken = { node.log.all.count { $0.contains("event=snapshot.taken") } }
    let before = taken()
    try writeBlocks(to: cluster, nonce: 2)
    wait(for: "another snapshot") { taken() > before }
  }

  func test_node_whoseJournalHasRotted_saysWhere() throws {
    let cluster = try ByzantineTestCluster(count: 1)
    defer { cluster.stopAll() }
    try cluster.startAll()
    let node = cluster.nodes[0]
    try writeBlocks(to: cluster, nonce: 1)
    cluster.stop(1)
    try rot(try XCTUnwrap(try files(of: node, "journal-0").first))

    try cluster.start(1)

    XCTAssertNotNil(node.log.wait(for: "event=journal.damaged"))
    XCTAssertNotNil(node.log.wait(for: "event=journal.hole"))
  }

  /// One write in each block, and blocks beyond a checkpoint.
  private func writeBlocks(to cluster: ByzantineTestCluster, nonce: UInt64) throws {
    let client = try ByzantineTestClient(of: cluster)
    let session = try client.openSession(nonce: nonce)
    let value = [UInt8](repeating: 7, count: 2 << 10)
    for sequence: UInt64 in 1...160 {
      let put = client.put(session, sequence, 1, value, answeredThrough: sequence - 1)
      try client.send(client.envelope([put]))
      _ = try client.answer(to: put.key, from: [1])
    }
  }

  private func files(of node: ByzantineTestCluster.Node, _ prefix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: node.folder)
      .filter { $0.hasPrefix(prefix) }.sorted().map { node.folder + "/" + $0 }
  }

  private func snapshots(of node: ByzantineTestCluster.Node) throws -> [String] {
    try files(of: node, "snapshot-").filter { $0.hasSuffix(".snap") }
  }

  /// A bit in the middle of a file flips.
  private func rot(_ path: String) throws {
    let url = URL(fileURLWithPath: path)
    var bytes = [UInt8](try Data(contentsOf: url))
    let place = min(bytes.count / 2, 64 << 10)
    bytes[place] ^= 1
    try Data(bytes).write(to: url)
  }

  func test_primary_whoseDiskHangs_isLeft() throws {
    try withFaultyDisk(beneath: 1, of: 4) { cluster, disk in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      disk.hang()

      try client.send(client.envelope([client.put(session, 1, 1, [1])]))
      let reply = try client.answer(to: client.put(session, 1, 1, []).key, from: [2, 3, 4])
      cluster.nodes[0].orders?.post(.stop)
      let error = cluster.join(1)

      guard case .result = reply.body else { return XCTFail("\(reply)") }
      guard case .diskHung = error else { return XCTFail("\(String(describing: error))") }
    }
  }
}
