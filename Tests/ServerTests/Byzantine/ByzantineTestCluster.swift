import ClientProtocol
import Consensus
import Crypto
import Foundation
import Genesis
import PBFT
import Storage
import Transport
import Wire
import XCTest

@testable import Server

/// Real nodes of a Byzantine cluster on loopback, each on a thread of its own, with real keys.
final class ByzantineTestCluster: NodeGroup {
  typealias Node = TestNode<ByzantineServer>

  let root = NSTemporaryDirectory() + "lockstep-bft-test-\(UUID().uuidString)"
  let nodes: [Node]
  /// The keys of the nodes, in their order.
  let keys: [PrivateKey]
  let clients: [PrivateKey]
  let genesis: Genesis
  private let adjust: (inout ServerOptions) -> Void

  init(
    count: Int,
    clientsCount: Int = 2,
    options adjust: @escaping (inout ServerOptions) -> Void = { _ in }
  ) throws {
    self.adjust = adjust
    let journal = JournalOptions(segmentSizeBytes: 4 << 20)
    let ids = 1...UInt32(count)
    keys = try ids.map { _ in try .generate() }
    clients = try (0..<clientsCount).map { _ in try .generate() }
    genesis = Genesis(
      cluster: ClusterID(high: 7, low: 8),
      configuration: ClusterConfiguration(seats: try .free(for: ids)),
      keys: GenesisKeys(
        members: keys.map(\.publicKey),
        clients: clients.enumerated().map {
          GenesisKeys.Client(name: "client-\($0.offset + 1)", key: $0.element.publicKey)
        }
      )
    )
    nodes = try ids.map { [root] in try Node(id: $0, in: root, journal: journal) }
    for node in nodes {
      try NodeDirectory.create(
        on: PosixDisk(path: node.folder),
        genesis: genesis,
        digest: .zero,
        node: NodeID(node.id),
        journal: journal
      )
    }
  }

  /// Judges what the nodes sign.
  var authority: Authority {
    Authority(
      cluster: genesis.cluster,
      replicas: keys.map(\.publicKey),
      clients: clients.map(\.publicKey),
      verifier: Ed25519Verifier(),
      digester: SHA256Digester()
    )
  }

  func start(_ id: UInt32) throws {
    let node = nodes[Int(id) - 1]
    var options = node.options
    // The machine may be busy with something else.
    options.viewTimeoutMicroseconds = 2_000_000
    adjust(&options)
    let (key, evidence) = (keys[Int(id) - 1], node.folder + "/evidence")
    try node.start { [options, genesis] (directory, waker, orders) throws(ServerError) in
      try ByzantineServer(
        directory: directory,
        credentials: ByzantineCredentials(genesis: genesis, key: key, evidencePath: evidence),
        options: options,
        waker: waker,
        orders: orders
      )
    }
  }

  /// A connection to a node as another member makes it.
  func dial(_ id: UInt32, as member: UInt32) throws -> BlockingClient {
    let seats = genesis.configuration.seats
    let link = try BlockingClient(seats[Int(id) - 1].peerAddress, patienceSeconds: 20)
    let endpoint = try TLSEndpoint(key: keys[Int(member) - 1])
    try link.secure(with: endpoint.connect(to: keys[Int(id) - 1].publicKey))
    let card = NodeCard(
      id: member,
      incarnation: seats[Int(member) - 1].member.incarnation.rawValue,
      boot: 1,
      durablePosition: 0
    )
    let (high, low) = (genesis.cluster.high, genesis.cluster.low)
    try link.say(Hello(clusterHigh: high, clusterLow: low, speaker: .peer(card)))
    try link.takeAck()
    return link
  }
}
