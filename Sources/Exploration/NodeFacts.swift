import Consensus
import Raft

/// What of a node's state the judging of worlds needs, at hand without the node.
struct NodeFacts {
  let term: UInt8
  let role: CoreStatus.Role
  /// Whether it would refuse a candidate for its leader's sake.
  let isTrusting: Bool
  let log: PackedLog
  let commitIndex: Int
  let durable: DurableState
  let unsyncedCount: Int

  init(_ node: SmallNode) {
    term = node.term
    role = node.core.status.role
    isTrusting = node.isTrusting
    log = node.log
    commitIndex = Int(node.core.commitIndex.rawValue)
    durable = node.durable
    unsyncedCount = node.unsynced.count
  }

  var isLeader: Bool { role == .leader }

  var committed: PackedLog { log.prefix(commitIndex) }
}
