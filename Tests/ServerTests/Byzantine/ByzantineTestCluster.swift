import Consensus
import Crypto
import Dispatch
import Foundation
import Genesis
import Storage
import Transport
import Wire
import XCTest

@testable import Server

/// Real nodes of a Byzantine cluster on loopback, each on a thread of its own, with real keys.
final class ByzantineTestCluster {
  final class Node {
    let id: UInt32
    let folder: String
    let key: PrivateKey
    /// Stands between the server and the real disk, where a test wants faults.
    var disk: (any Disk)?
    let log = Lines()
    var orders: Mailbox<LockstepServer.Order>?
    var thread: WorkerThread?
    let remains = ByzantineRemains()

    init(id: UInt32, folder: String, key: PrivateKey) {
      self.id = id
      self.folder = folder
      self.key = key
    }
  }

  let root: String
  let nodes: [Node]
  let clients: [PrivateKey]
  let genesis: Genesis
  private let adjust: (inout ServerOptions) -> Void
  private let journal = JournalOptions(segmentSizeBytes: 4 << 20)

  init(
    count: Int,
    clientsCount: Int = 2,
    options adjust: @escaping (inout ServerOptions) -> Void = { _ in }
  ) throws {
    self.adjust = adjust
    let root = NSTemporaryDirectory() + "lockstep-bft-test-\(UUID().uuidString)"
    self.root = root
    let ports = try TestCluster.freePorts(2 * count)
    let seats = (1...count).map { number in
      ClusterConfiguration.Seat(
        member: Member(
          id: NodeID(UInt32(number)),
          incarnation: Incarnation(UInt64(1000 + number))
        ),
        clientAddress: "127.0.0.1:\(ports[2 * number - 2])",
        peerAddress: "127.0.0.1:\(ports[2 * number - 1])"
      )
    }
    nodes = try (1...count).map {
      Node(id: UInt32($0), folder: "\(root)/n\($0)", key: try .generate())
    }
    clients = try (0..<clientsCount).map { _ in try .generate() }
    genesis = Genesis(
      cluster: ClusterID(high: 7, low: 8),
      configuration: ClusterConfiguration(seats: seats),
      keys: GenesisKeys(
        members: nodes.map(\.key.publicKey),
        clients: clients.enumerated().map {
          GenesisKeys.Client(name: "client-\($0.offset + 1)", key: $0.element.publicKey)
        }
      )
    )
    for node in nodes {
      try FileManager.default.createDirectory(
        atPath: node.folder,
        withIntermediateDirectories: true
      )
      try NodeDirectory.create(
        on: PosixDisk(path: node.folder),
        genesis: genesis,
        digest: .zero,
        node: NodeID(node.id),
        journal: journal
      )
    }
  }

  func start(_ id: UInt32) throws {
    let node = nodes[Int(id) - 1]
    node.remains.server = nil
    node.remains.error = nil
    let directory = try NodeDirectory(
      opening: node.disk ?? PosixDisk(path: node.folder),
      journal: journal
    )
    var options = ServerOptions()
    let log = node.log
    options.logFormat = .logfmt
    options.logSink = .lines { log.append($0) }
    options.replica.journalReserveBytes = 64 << 10
    // The machine may be busy with something else.
    options.viewTimeoutMicroseconds = 2_000_000
    adjust(&options)
    let waker = try Waker()
    let orders = Mailbox<LockstepServer.Order>(waking: waker)
    let (chosen, genesis, key, remains) = (options, genesis, node.key, node.remains)
    let folder = node.folder
    let isOpen = DispatchSemaphore(value: 0)
    node.orders = orders
    node.thread = try WorkerThread.start(name: "node-\(id)") {
      do throws(ServerError) {
        let server = try ByzantineServer(
          directory: directory,
          credentials: ByzantineCredentials(
            genesis: genesis,
            key: key,
            evidencePath: folder + "/evidence"
          ),
          options: chosen,
          waker: waker,
          orders: orders
        )
        remains.server = server
        isOpen.signal()
        try server.run()
      } catch {
        remains.error = error
        isOpen.signal()
      }
    }
    // Its ports are open now, or it has failed to open them.
    isOpen.wait()
  }

  func startAll() throws {
    for node in nodes { try start(node.id) }
  }

  func stop(_ id: UInt32) {
    let node = nodes[Int(id) - 1]
    node.orders?.post(.stop)
    node.thread?.join()
    node.orders = nil
    node.thread = nil
  }

  /// Waits for a node that ends by itself.
  func join(_ id: UInt32) -> ServerError? {
    let node = nodes[Int(id) - 1]
    node.thread?.join()
    node.orders = nil
    node.thread = nil
    return node.remains.error
  }

  func stopAll() {
    for node in nodes where node.thread != nil { stop(node.id) }
    do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root)") }
  }
}

/// Written on the server's thread, read by the test once that thread has ended.
final class ByzantineRemains: @unchecked Sendable {
  var server: ByzantineServer?
  var error: ServerError?
}
