package import Consensus

/// A cluster's birth certificate: its name, its members, what they agree on.
package struct Genesis: Equatable, Sendable {
  /// The most voters that a cluster may have.
  package static let seatsMax = 7

  /// The cluster's name.
  package var cluster: ClusterID
  /// Its first configuration; in mode bft the only one.
  package var configuration: ClusterConfiguration
  /// The keys of a cluster of mode bft; nil in mode raft, which has none.
  package var keys: GenesisKeys?

  package init(
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    keys: GenesisKeys? = nil
  ) {
    self.cluster = cluster
    self.configuration = configuration
    self.keys = keys
  }

  /// The key of a member; nil in mode raft, and of a stranger.
  package func key(of node: NodeID) -> PublicKey? {
    guard let place = configuration.seats.firstIndex(where: { $0.member.id == node }) else {
      return nil
    }
    return keys?.members[place]
  }
}
