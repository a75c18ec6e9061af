import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Server

/// Roots of states in real nodes, and a node that takes its state from the others.
final class ByzantineStateTests: XCTestCase {
  func test_node_whenItIsFarBehind_takesTheStateOfTheOthers() throws {
    let cluster = try makeCluster()
    defer { cluster.stopAll() }
    try cluster.startAll()
    let client = try ByzantineTestClient(of: cluster)
    let session = try client.openSession()
    var sequence: UInt64 = 0
    try write(60, client, session, &sequence)
    cluster.stop(4)
    client.disconnect(from: 4)
    try write(100, client, session, &sequence)

    try cluster.start(4)
    try client.connect(to: 4)
    try write(client, session, &sequence, until: "event=snapshot.received", of: cluster.nodes[3])

    try expectSameAnswers(client, session, reads: 1)
    XCTAssertTrue(cluster.nodes[3].log.contain("event=state.fetched"))
    XCTAssertFalse(cluster.nodes[3].log.contain("event=state.refused"))

    cluster.stop(4)
    try cluster.start(4)
    try client.connect(to: 4)
    try write(10, client, session, &sequence)
    try expectSameAnswers(client, session, reads: 101)
    for node in cluster.nodes { XCTAssertFalse(node.log.contain("halted"), "\(node.log.all)") }
  }

  func test_roots_whenNodesRestart_stayTheSame() throws {
    let cluster = try makeCluster()
    defer { cluster.stopAll() }
    try cluster.startAll()
    var client = try ByzantineTestClient(of: cluster)
    let session = try client.openSession()
    var sequence: UInt64 = 0
    for _ in 0..<3 {
      try write(30, client, session, &sequence)
      for node in cluster.nodes { cluster.stop(node.id) }
      try cluster.startAll()
      client = try ByzantineTestClient(of: cluster)
      try client.attach(to: session)
    }
    try write(30, client, session, &sequence)

    for node in cluster.nodes {
      let link = try ByzantineTestClient.link(of: cluster, node.id, client.key)
      var standing: NodeStatus.Byzantine?
      // The last answer needed a quorum only.
      try wait(for: "n\(node.id) to come along") {
        guard case .status(let status) = try link.ask(.status).body else { return false }
        standing = status.byzantine
        return standing.map { $0.lowWatermark > 90 || !$0.haltReason.isEmpty } ?? false
      }
      XCTAssertEqual(standing?.haltReason, "")
    }
  }

  // MARK: Helpers

  private func makeCluster() throws -> ByzantineTestCluster {
    try ByzantineTestCluster(count: 4) {
      $0.checkpointInterval = 8
      $0.replica.snapshotLogSizeMin = 1
    }
  }

  /// Values of all sizes, also such as stand beside their leaf.
  private func value(_ sequence: UInt64) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: Int(sequence * 7 % 900))
  }

  private func write(
    _ count: Int,
    _ client: ByzantineTestClient,
    _ session: UInt64,
    _ sequence: inout UInt64
  ) throws {
    for _ in 0..<count {
      sequence += 1
      let key = UInt8(truncatingIfNeeded: sequence)
      let put = client.put(
        session,
        sequence,
        key,
        value(sequence),
        answeredThrough: sequence - 1
      )
      _ = try client.order(put)
    }
  }

  private func write(
    _ client: ByzantineTestClient,
    _ session: UInt64,
    _ sequence: inout UInt64,
    until line: String,
    of node: ByzantineTestCluster.Node
  ) throws {
    for _ in 0..<2_000 where !node.log.contain(line) {
      try write(1, client, session, &sequence)
    }
    XCTAssertTrue(node.log.contain(line), "\(node.log.all)")
  }

  /// What node 4 says of some keys is what the others say.
  private func expectSameAnswers(
    _ client: ByzantineTestClient,
    _ session: UInt64,
    reads first: UInt64
  ) throws {
    for key in 0..<20 as Range<UInt64> {
      let get = client.get(session, first + key, UInt8(key * 8 + 1))
      try client.send(client.envelope([get]))
      var own = try client.reply(to: get.key, from: 4)
      var others = try client.answer(to: get.key, from: [1, 2, 3])
      (own.view, others.view) = (0, 0)
      XCTAssertEqual(own, others)
      XCTAssertNotNil(try client.value(in: own))
    }
  }
}
