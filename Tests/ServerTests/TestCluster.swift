import Consensus
import Dispatch
import Foundation
import Storage
import Synchronization
import Transport
import XCTest

@testable import Server

/// Real servers on loopback, each on a thread of its own, with unique folders and ports.
final class TestCluster {
  final class Node {
    let id: UInt32
    let folder: String
    /// Stands between the server and the real disk, where a test wants faults.
    var disk: (any Disk)?
    /// The lines of its log.
    let log = Lines()
    var orders: Mailbox<LockstepServer.Order>?
    var thread: WorkerThread?
    /// What the server was, and how it ended; looked at after its thread has.
    let remains = Remains()

    init(id: UInt32, folder: String) {
      self.id = id
      self.folder = folder
    }
  }

  let root: String
  private(set) var nodes: [Node]
  let configuration: ClusterConfiguration
  let cluster = ClusterID(high: 7, low: 8)
  private let adjust: (inout ServerOptions) -> Void
  private let journal: JournalOptions

  init(
    count: Int,
    segmentSizeBytes: Int = 1 << 20,
    options adjust: @escaping (inout ServerOptions) -> Void = { _ in }
  ) throws {
    self.adjust = adjust
    journal = JournalOptions(segmentSizeBytes: segmentSizeBytes)
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
        journal: journal
      )
    }
  }

  /// Makes the directory of one more node, which its cluster has to be asked to take in.
  func addJoiner() throws -> ClusterConfiguration.Seat {
    let id = UInt32(nodes.count + 1)
    let ports = try Self.freePorts(2)
    let seat = ClusterConfiguration.Seat(
      member: Member(id: NodeID(id), incarnation: Incarnation(1_000 + UInt64(id))),
      clientAddress: "127.0.0.1:\(ports[0])",
      peerAddress: "127.0.0.1:\(ports[1])"
    )
    let folder = "\(root)/n\(id)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try NodeDirectory.createJoiner(
      on: PosixDisk(path: folder),
      cluster: cluster,
      seat: seat,
      journal: journal
    )
    nodes.append(Node(id: id, folder: folder))
    return seat
  }

  func start(_ id: UInt32) throws {
    let node = nodes[Int(id) - 1]
    node.remains.server = nil
    let directory = try NodeDirectory(
      opening: node.disk ?? PosixDisk(path: node.folder),
      journal: journal
    )
    var options = ServerOptions()
    let log = node.log
    options.logFormat = .logfmt
    options.logSink = .lines { log.append($0) }
    options.replica.journalReserveBytes = 64 << 10
    adjust(&options)
    let chosen = options
    let waker = try Waker()
    let orders = Mailbox<LockstepServer.Order>(waking: waker)
    let remains = node.remains
    remains.error = nil
    let isOpen = DispatchSemaphore(value: 0)
    node.orders = orders
    node.thread = try WorkerThread.start(name: "node-\(id)") {
      do throws(ServerError) {
        let server = try Self.server(directory, chosen, waker, orders)
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

  private static func server(
    _ directory: NodeDirectory,
    _ options: ServerOptions,
    _ waker: Waker,
    _ orders: Mailbox<LockstepServer.Order>
  ) throws(ServerError) -> LockstepServer {
    try LockstepServer(directory: directory, options: options, waker: waker, orders: orders)
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

  /// Ports that were free a moment ago.
  static func freePorts(_ count: Int) throws -> [UInt16] {
    let loop = try EventLoop(waker: Waker())
    defer { loop.close() }
    let owner = Deaf()
    return try (0..<count).map { _ in
      let address = try SocketAddress(parsing: "127.0.0.1:0")
      return try loop.listen(on: address, connectionsMax: 1, delegate: owner).address.port
    }
  }
}

/// Lines of a log, gathered from the server's thread.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  private let hasMore = DispatchSemaphore(value: 0)

  func append(_ line: String) {
    lines.withLock { $0.append(line) }
    hasMore.signal()
  }

  /// The first line with this text, once it is there; nil if it does not come.
  func wait(for text: String, seconds: Int = 20) -> String? {
    let deadline = DispatchTime.now() + .seconds(seconds)
    while true {
      if let line = all.first(where: { $0.contains(text) }) { return line }
      guard hasMore.wait(timeout: deadline) == .success else { return nil }
    }
  }

  var all: [String] { lines.withLock { $0 } }

  func contain(_ text: String) -> Bool {
    lines.withLock { $0.contains { $0.contains(text) } }
  }
}

/// Written on the server's thread, read by the test once that thread has ended.
final class Remains: @unchecked Sendable {
  var server: LockstepServer?
  var error: ServerError?
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
