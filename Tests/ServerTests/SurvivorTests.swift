import ClientProtocol
import Consensus
import Foundation
import Storage
import XCTest

@testable import Server

/// A cluster whose majority is gone, and what one directory still holds of it.
final class SurvivorTests: ServerTestCase {
  func test_survivor_whenItsDocumentsAreRestored_areWhatAnotherClusterBeginsWith() throws {
    try withCluster(of: 3) { cluster in
      let leader = try fill(cluster, writes: 30, size: 100)
      for node in cluster.nodes { end(node, of: cluster) }
      let before = try contents(of: leader.folder)

      let survivor = try Survivor(reading: PosixDisk(path: leader.folder, readOnly: true))

      XCTAssertEqual(try contents(of: leader.folder), before, "only read")
      XCTAssertEqual(survivor.itemsCount, 30)
      XCTAssertEqual(survivor.snapshotIndex, .zero)
      XCTAssertEqual(survivor.uncertainCount, survivor.lastIndex - .zero)
      XCTAssertEqual(survivor.unusedCount, 0)
      XCTAssertEqual(survivor.damage, [])
      XCTAssertGreaterThan(survivor.lastWallMilliseconds ?? 0, 0)
      let old = try moveAway(cluster.nodes[2].folder)
      for node in cluster.nodes {
        try? FileManager.default.removeItem(atPath: node.folder)
        let beginning = try restore(survivor, node, of: cluster)
        XCTAssertGreaterThanOrEqual(
          beginning.revision.rawValue,
          survivor.revision + NodeDirectory.revisionJump
        )
      }
      try cluster.startAll()
      let other = try leaderClient(of: cluster)
      guard case .item(let item?) = try readKey([30], other) else { return XCTFail("no key 30") }
      XCTAssertEqual(item.bytes.array, [UInt8](repeating: 30, count: 100))

      end(cluster.nodes[2], of: cluster)
      try FileManager.default.removeItem(atPath: cluster.nodes[2].folder)
      try FileManager.default.moveItem(atPath: old, toPath: cluster.nodes[2].folder)
      try cluster.start(3)

      wait(for: "the old node is refused") {
        cluster.nodes[2].log.contain("wrong_cluster")
          || cluster.nodes.prefix(2).contains { $0.log.contain("code=wrong_cluster") }
      }
    }
  }

  func test_survivor_whenItHasASnapshot_isCertainOfWhatThatHolds() throws {
    try withCluster(
      of: 1,
      options: { $0.replica.snapshotLogSizeMin = 100_000 }
    ) { cluster in
      let leader = try fill(cluster, writes: 60, size: 5_000)
      wait(for: "a snapshot") { leader.log.contain("event=snapshot.taken") }
      end(leader, of: cluster)

      let survivor = try Survivor(reading: PosixDisk(path: leader.folder, readOnly: true))

      XCTAssertGreaterThan(survivor.snapshotIndex, .zero)
      XCTAssertGreaterThanOrEqual(survivor.lastIndex, survivor.snapshotIndex)
      XCTAssertEqual(survivor.itemsCount, 60)
    }
  }

  func test_survivor_whenItsServerRuns_isRefused() throws {
    try withCluster(of: 1) { cluster in
      let disk = try PosixDisk(path: cluster.nodes[0].folder, readOnly: true)

      XCTAssertThrowsError(try Survivor(reading: disk)) {
        XCTAssertEqual(($0 as? ServerError)?.code, "directory_locked")
      }
    }
  }

  func test_survivor_whenItsJournalIsDamaged_endsThereAndSaysSo() throws {
    try withCluster(of: 1) { cluster in
      let node = try fill(cluster, writes: 30, size: 1_000)
      end(node, of: cluster)
      let url = URL(fileURLWithPath: node.folder + "/journal-0000000000000001.seg")
      var bytes = try Data(contentsOf: url)
      bytes[4_096 + 15_000] ^= 1
      try bytes.write(to: url)

      let survivor = try Survivor(reading: PosixDisk(path: node.folder, readOnly: true))

      XCTAssertEqual(survivor.damage.count, 1)
      XCTAssertGreaterThan(survivor.itemsCount, 5)
      XCTAssertLessThan(survivor.itemsCount, 20)
      XCTAssertGreaterThan(survivor.unusedCount, 5)
    }
  }

  // MARK: Helpers

  /// Stops a node and lets go of its directory's lock.
  private func end(_ node: TestCluster.Node, of cluster: TestCluster) {
    cluster.stop(node.id)
    node.remains.server = nil
  }

  /// Puts values under the keys 1, 2, 3, …; returns the leader.
  private func fill(
    _ cluster: TestCluster,
    writes: UInt64,
    size: Int
  ) throws -> TestCluster.Node {
    let client = try leaderClient(of: cluster)
    let session = try openSession(client)
    for number in 1...writes {
      let value = [UInt8](repeating: UInt8(number), count: size)
      _ = try write(client, session, number, .kvPut(key: [UInt8(number)], value: value))
    }
    let id = try status(of: client).id
    return cluster.nodes[Int(id) - 1]
  }

  private func contents(of folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
    }
    return files
  }

  private func moveAway(_ folder: String) throws -> String {
    try FileManager.default.moveItem(atPath: folder, toPath: folder + "-old")
    return folder + "-old"
  }

  private func restore(
    _ survivor: Survivor,
    _ node: TestCluster.Node,
    of cluster: TestCluster
  ) throws -> NodeDirectory.Beginning {
    try NodeDirectory.restore(
      survivor,
      on: PosixDisk(path: node.folder, creating: true),
      cluster: ClusterID(high: 70, low: 80),
      configuration: cluster.configuration,
      node: NodeID(node.id)
    )
  }
}
