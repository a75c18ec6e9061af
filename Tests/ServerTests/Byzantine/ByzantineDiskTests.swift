import ClientProtocol
import Consensus
import XCTest

@testable import Server

/// Disks that fail and hang beneath nodes of a Byzantine cluster.
final class ByzantineDiskTests: XCTestCase {
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
