/// What an operator wants changed about the members.
package enum MembershipChange: Hashable, Sendable {
  /// A node joins as a learner; with `replaces` it takes a voter's place once it has caught up.
  case add(ClusterConfiguration.Learner)
  /// A learner that has caught up votes from now on.
  case promote(NodeID)
  /// A node leaves; where an id has both a voter and the learner that replaces it, the learner.
  case remove(NodeID)
  /// A node is reached elsewhere.
  case update(NodeID, clientAddress: String, peerAddress: String)
}
