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

/// The lowest and the highest of something's protocol versions.
package struct VersionRange: Equatable, Sendable {
  /// The lowest version.
  package var lowest: UInt16
  /// The highest version.
  package var highest: UInt16

  /// The versions between these two, both included.
  package init(lowest: UInt16, highest: UInt16) {
    self.lowest = lowest
    self.highest = highest
  }

  /// What this program speaks.
  package static let ours = VersionRange(
    lowest: Limits.protocolVersionMin,
    highest: Limits.protocolVersionMax
  )

  /// The highest version in both ranges, or nil if they have none in common.
  package func chosen(with other: VersionRange) -> UInt16? {
    let best = min(highest, other.highest)
    return best >= max(lowest, other.lowest) ? best : nil
  }
}

/// A node as it shows itself in a handshake.
package struct NodeCard: Equatable, Sendable {
  /// Its number.
  package var id: UInt32
  /// The random number of its data directory.
  package var incarnation: UInt64
  /// Counts its starts.
  package var boot: UInt64
  /// How far its journal is durable.
  package var durablePosition: UInt64

  package init(id: UInt32, incarnation: UInt64, boot: UInt64, durablePosition: UInt64) {
    self.id = id
    self.incarnation = incarnation
    self.boot = boot
    self.durablePosition = durablePosition
  }
}
