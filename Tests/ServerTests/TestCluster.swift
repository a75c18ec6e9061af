import Consensus
import Foundation
import Storage
import Transport
import XCTest

@testable import Server

/// Real servers on loopback, each on a thread of its own, with unique folders and ports.
final class TestCluster {
  final class Node {
    let id: UInt32
    let folder: String
    var orders: Mailbox<LockstepServer.Order>?
    var thread: WorkerThread?

    init(id: UInt32, folder: String) {
      self.id = id
      self.folder = folder
    }
  }

  let root: String
  let nodes: [Node]
  let configuration: ClusterConfiguration
  private let cluster = ClusterID(high: 7, low: 8)

  init(count: Int) throws {
    let root = NSTemporaryDirectory() + "lockstep-server-test-\(UUID().uuidString)"
    self.root = root
    let ports = try Self.freePorts(2 * count)
    configuration = ClusterConfiguration(
      seats: (1...count).map { number in
        ClusterConfiguration.Seat(
          member: Member(
            id: NodeID(UInt32(number)),
            incarnation: Incarnation(UInt64(1000 + number))
          ),
          clientAddress: "127.0.0.1:\(ports[2 * number - 2])",
          peerAddress: "127.0.0.1:\(ports[2 * number - 1])"
        )
      }
    )
    nodes = (1...count).map { Node(id: UInt32($0), folder: "\(root)/n\($0)") }
    for node in nodes {
      try FileManager.default.createDirectory(
        atPath: node.folder,
        withIntermediateDirectories: true
      )
      try NodeDirectory.create(
        on: PosixDisk(path: node.folder),
        cluster: cluster,
        configuration: configuration,
        node: NodeID(node.id),
        journal: JournalOptions(segmentSizeBytes: 1 << 20)
      )
    }
  }

  func start(_ id: UInt32) throws {
    let node = nodes[Int(id) - 1]
    let directory = try NodeDirectory(
      opening: PosixDisk(path: node.folder),
      journal: JournalOptions(segmentSizeBytes: 1 << 20)
    )
    var options = ServerOptions()
    options.logSink = .lines { _ in }
    options.replica.journalReserveBytes = 64 << 10
    let chosen = options
    let waker = try Waker()
    let orders = Mailbox<LockstepServer.Order>(waking: waker)
    node.orders = orders
    node.thread = try WorkerThread.start(name: "node-\(id)") {
      do {
        let server = try LockstepServer(
          directory: directory,
          options: chosen,
          waker: waker,
          orders: orders
        )
        try server.run()
      } catch {
        print("node \(id) ended: \(error)")
      }
    }
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

  func stopAll() {
    for node in nodes where node.thread != nil { stop(node.id) }
    do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root)") }
  }

  /// Ports that were free a moment ago.
  private static func freePorts(_ count: Int) throws -> [UInt16] {
    let loop = try EventLoop(waker: Waker())
    defer { loop.close() }
    let owner = Deaf()
    return try (0..<count).map { _ in
      let address = try SocketAddress(parsing: "127.0.0.1:0")
      return try loop.listen(on: address, connectionsMax: 1, delegate: owner).address.port
    }
  }
}

private final class Deaf: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {}
  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int { range.count }
  func connectionDrained(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection, reason: CloseReason) {}
}
