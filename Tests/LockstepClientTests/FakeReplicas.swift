import Consensus
import SymbolicCrypto
import Synchronization
import Transport
import XCTest

@testable import LockstepClient

/// A cluster of fake replicas, and clients of it with symbolic keys over plain connections.
final class FakeReplicas: Sendable {
  /// What all replicas share.
  final class World: Sendable {
    let cluster = ClusterID(high: 7, low: 8)
    let keys = SymbolicKeys(count: 1, seed: 3)
    let order = FakeOrder()
    let digester: any Digester
    /// How long what was ordered waits until the replicas say so, in milliseconds.
    let delay = Mutex(0)
    private let members = Mutex<[FakeReplica]>([])

    init(_ digester: any Digester) { self.digester = digester }

    func add(_ replica: FakeReplica) { members.withLock { $0.append(replica) } }

    func tellAllInTime(_ note: FakeReplica.Note) {
      let wait = delay.withLock { $0 }
      guard wait > 0 else { return tellAll(note) }
      Task.detached {
        try? await Task.sleep(for: .milliseconds(wait))
        self.tellAll(note)
      }
    }

    func tellAll(_ note: FakeReplica.Note) {
      for member in members.withLock({ $0 }) { member.tell(note) }
    }
  }

  let world: World
  let replicas: [FakeReplica]

  /// Four replicas, honest where nothing else is said.
  init(
    _ manners: [UInt32: FakeReplica.Manner] = [:],
    digester: any Digester = PureSHA256()
  ) throws {
    world = World(digester)
    var replicas: [FakeReplica] = []
    for id in UInt32(1)...4 {
      let replica = try FakeReplica(id, of: world, manners[id] ?? .honest)
      world.add(replica)
      replicas.append(replica)
    }
    self.replicas = replicas
  }

  /// The first replica is the primary of view 0.
  var primary: FakeReplica { replicas[0] }

  func stop() { for replica in replicas { replica.stop() } }

  func credentials(
    cluster: ClusterID? = nil,
    assembleReceipt: ClusterCredentials.AssembleReceipt? = nil
  ) -> ClusterCredentials {
    let nodes = replicas.map {
      ClusterCredentials.Node(id: $0.id, address: SocketAddress(host: "127.0.0.1", port: $0.port))
    }
    return ClusterCredentials(
      cluster: cluster ?? world.cluster,
      nodes: nodes,
      signer: world.keys.signers[0],
      digester: world.digester,
      assembleReceipt: assembleReceipt,
      prepare: { { _ in nil } }
    )
  }

  func url(_ options: String) throws(LockstepError) -> ConnectionURL {
    try ConnectionURL(
      parsing: "lockstep://127.0.0.1:\(primary.port)?genesis=g&key=k&\(options)"
    )
  }

  func connect(
    _ options: String = "timeout=30s",
    cluster: ClusterID? = nil,
    onEvent: (@Sendable (ClientEvent) -> Void)? = nil,
    assembleReceipt: ClusterCredentials.AssembleReceipt? = nil
  ) async throws(LockstepError) -> Client {
    try await Client.connect(
      url(options),
      credentials: credentials(cluster: cluster, assembleReceipt: assembleReceipt),
      Client.Configuration(onEvent: onEvent)
    )
  }
}
