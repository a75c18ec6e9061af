import Consensus
import Foundation
import Storage

@testable import Server

/// Real servers on loopback, each on a thread of its own, with unique folders and ports.
final class TestCluster: NodeGroup {
  typealias Node = TestNode<LockstepServer>

  let root = NSTemporaryDirectory() + "lockstep-server-test-\(UUID().uuidString)"
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
    let journal = JournalOptions(segmentSizeBytes: segmentSizeBytes)
    self.journal = journal
    let ids = 1...UInt32(count)
    configuration = ClusterConfiguration(seats: try .free(for: ids))
    nodes = try ids.map { [root] in try Node(id: $0, in: root, journal: journal) }
    for node in nodes {
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
    let seat = try [ClusterConfiguration.Seat].free(for: id...id)[0]
    let node = try Node(id: id, in: root, journal: journal)
    try NodeDirectory.createJoiner(
      on: PosixDisk(path: node.folder),
      cluster: cluster,
      seat: seat,
      journal: journal
    )
    nodes.append(node)
    return seat
  }

  func start(_ id: UInt32) throws {
    let node = nodes[Int(id) - 1]
    var options = node.options
    adjust(&options)
    try node.start { [options] (directory, waker, orders) throws(ServerError) in
      try LockstepServer(directory: directory, options: options, waker: waker, orders: orders)
    }
  }
}
