/// What an operator wants changed about the members.
package enum MembershipChange: Hashable, Sendable {
  /// A node joins as a learner; with `replaces` it takes a voter's place once it has caught up.
  case add(ClusterConfiguration.Learner)
  /// A learner that has caught up votes from now on.
  case promote(NodeID)
  /// A node leaves. Where an id has both a voter and the learner that replaces it, nobody knows who
  /// is meant.
  case remove(NodeID)
  /// A learner leaves.
  case cancel(NodeID)
  /// A node is reached elsewhere.
  case update(NodeID, clientAddress: String, peerAddress: String)
}
