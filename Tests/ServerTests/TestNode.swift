import Consensus
import Dispatch
import Foundation
import Storage
import Transport

@testable import Server

/// A server that a test can run, of either mode.
protocol TestedServer: AnyObject, SendableMetatype {
  func run() throws(ServerError)
}

extension LockstepServer: TestedServer {}
extension ByzantineServer: TestedServer {}

/// A node of a test's cluster: a folder, and a server that is started on it, each time on a thread
/// of its own.
final class TestNode<Server: TestedServer> {
  let id: UInt32
  let folder: String
  /// Stands between the server and the real disk, where a test wants faults.
  var disk: (any Disk)?
  /// The lines of its log.
  let log = Lines()
  private(set) var orders: Mailbox<ServerOrder>?
  private var thread: WorkerThread?
  /// What the server was, and how it ended; looked at after its thread has.
  let remains = Remains<Server>()
  private let journal: JournalOptions

  /// Makes the folder, still empty.
  init(id: UInt32, in root: String, journal: JournalOptions) throws {
    self.id = id
    self.journal = journal
    folder = "\(root)/n\(id)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  var isRunning: Bool { thread != nil }

  /// What it is started with, where the test says nothing else.
  var options: ServerOptions {
    var options = ServerOptions()
    options.logFormat = .logfmt
    options.logSink = .lines { [log] in log.append($0) }
    options.replica.journalReserveBytes = 64 << 10
    // However slow the machine: nobody leaves its office for its disk, where a test does not ask
    // for that.
    options.raft.diskBudgetMicroseconds = 60_000_000
    options.raft.diskLagMicroseconds = 60_000_000
    return options
  }

  /// Has a server made on a new thread, and returns when its ports are open, or it has failed to
  /// open them.
  func start(
    _ make:
      @escaping @Sendable (
        NodeDirectory, Waker, Mailbox<ServerOrder>
      ) throws(ServerError) -> Server
  ) throws {
    // The one before holds the folder's lock.
    remains.server = nil
    remains.error = nil
    let directory = try NodeDirectory(
      opening: disk ?? PosixDisk(path: folder),
      journal: journal,
      comingBack: true
    )
    let waker = try Waker()
    let orders = Mailbox<ServerOrder>(waking: waker)
    let isOpen = DispatchSemaphore(value: 0)
    self.orders = orders
    thread = try WorkerThread.start(name: "node-\(id)") { [remains] in
      do throws(ServerError) {
        let server = try make(directory, waker, orders)
        remains.server = server
        isOpen.signal()
        try server.run()
      } catch {
        remains.error = error
        isOpen.signal()
      }
    }
    isOpen.wait()
    if let error = remains.error { print("n\(id) did not start: \(error)") }
  }

  /// Orders it to stop, and waits for its end.
  func stop() {
    orders?.post(.stop)
    _ = join()
  }

  /// Waits for a node that ends by itself.
  func join() -> ServerError? {
    thread?.join()
    orders = nil
    thread = nil
    return remains.error
  }
}

/// Written on the server's thread, read by the test once that thread has ended.
final class Remains<Server: AnyObject>: @unchecked Sendable {
  var server: Server?
  var error: ServerError?
}

/// Nodes of one mode in one folder.
protocol NodeGroup: AnyObject {
  associatedtype Server: TestedServer

  var root: String { get }
  var nodes: [TestNode<Server>] { get }

  func start(_ id: UInt32) throws
}

extension NodeGroup {
  func startAll() throws {
    for node in nodes { try start(node.id) }
  }

  func stop(_ id: UInt32) { nodes[Int(id) - 1].stop() }

  /// Waits for a node that ends by itself.
  func join(_ id: UInt32) -> ServerError? { nodes[Int(id) - 1].join() }

  /// Stops what runs, and removes the folder.
  func stopAll() {
    for node in nodes where node.isRunning { node.stop() }
    do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root)") }
  }
}
