/// What the nodes of a cluster are safe from.
package enum ClusterMode: String, CaseIterable, Sendable {
  /// Nodes may fail, and never lie: Raft.
  case raft
  /// Fewer than a third of the nodes may do anything at all: PBFT.
  case bft

  /// How many of so many nodes must run for anything to be ordered.
  package func quorum(of nodes: Int) -> Int {
    switch self {
    case .raft: nodes / 2 + 1
    case .bft: nodes - (nodes - 1) / 3
    }
  }

  /// What people call a node that orders commands.
  package var leaderName: String { self == .raft ? "leader" : "primary" }
  /// What people call a node that does not.
  package var followerName: String { self == .raft ? "follower" : "backup" }
  /// What people call the time in which one node orders them.
  package var termName: String { self == .raft ? "term" : "view" }
}
