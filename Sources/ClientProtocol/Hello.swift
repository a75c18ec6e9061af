/// The first frame of whoever connected: who speaks, to which cluster, in which versions.
package struct Hello: Equatable, Sendable {
  /// The cluster that is expected, high half; both halves are 0 for "any".
  package var clusterHigh: UInt64
  /// The low half.
  package var clusterLow: UInt64
  /// The protocol versions that the speaker knows.
  package var versions: VersionRange
  /// Who speaks.
  package var speaker: Speaker
  /// What a node understands beyond the protocol's version; 1 if it does not say, as a client.
  package var featureLevel: UInt16 = 1
  /// The digest of the genesis file of a node of mode bft, 32 bytes; nil if it does not say.
  ///
  /// Two files of one cluster's name must not meet: what nodes sign under them would convict them.
  package var genesisDigest: [UInt8]?

  /// Who can speak.
  package enum Speaker: Equatable, Sendable {
    /// A client, with a name for logs.
    case client(name: String)
    /// Another node.
    case peer(NodeCard)
  }

  package init(
    clusterHigh: UInt64 = 0,
    clusterLow: UInt64 = 0,
    versions: VersionRange = .ours,
    speaker: Speaker
  ) {
    self.clusterHigh = clusterHigh
    self.clusterLow = clusterLow
    self.versions = versions
    self.speaker = speaker
  }
}

/// The answer to a hello: what holds on this connection.
package struct HelloAck: Equatable, Sendable {
  /// The protocol version of this connection.
  package var version: UInt16
  /// The versions that the node knows.
  package var versions: VersionRange
  /// The node's cluster, high half.
  package var clusterHigh: UInt64
  /// The low half.
  package var clusterLow: UInt64
  /// The node.
  package var node: NodeCard
  /// The largest frame that the node takes.
  package var frameSizeMax: UInt32
  /// The requests that may be in flight on this connection.
  package var window: UInt32
  /// What the node understands beyond the version; it tells only other nodes.
  package var featureLevel: UInt16?
  /// The digest of its genesis file, 32 bytes; a node of mode bft tells it other nodes, behind the
  /// level.
  package var genesisDigest: [UInt8]?

  /// An answer with the limits of this program.
  package init(version: UInt16, clusterHigh: UInt64, clusterLow: UInt64, node: NodeCard) {
    self.version = version
    versions = .ours
    self.clusterHigh = clusterHigh
    self.clusterLow = clusterLow
    self.node = node
    frameSizeMax = UInt32(Limits.frameSizeMax)
    window = Limits.requestsInFlightMax
  }
}
