package import Consensus
package import Raft
package import Replication

/// How a node runs; everything has a default that ships.
package struct ServerOptions: Sendable {
  /// Where clients are awaited, if not at the address in the configuration.
  package var clientListenAddress: String?
  /// Where other members are awaited, if not at the address in the configuration.
  package var peerListenAddress: String?
  /// Where this node dials a member, if not at the address in the configuration.
  package var peerAddresses: [NodeID: String] = [:]
  /// Timeouts of the protocol.
  package var raft = RaftOptions()
  /// In mode bft: how long a request may wait before the primary is suspected, in microseconds.
  package var viewTimeoutMicroseconds: UInt64 = 500_000
  /// In mode bft: how many blocks lie between states that are voted for; equal on all nodes.
  package var checkpointInterval: UInt64 = 128
  /// Whether a node whose directory is refused waits until it may come back as another member.
  package var comesBack = true
  /// Limits of the replica.
  package var replica = ReplicaOptions()
  /// How log lines look.
  package var logFormat = EventLog.Format.auto
  /// Where log lines go.
  package var logSink = EventLog.Sink.standardError
  /// What clients may make the node hold.
  package var clients = ClientLimits()
  /// The most client connections at once; more are turned away.
  package var connectionsMax = 10_000
  /// How long reading everything on the disk once for rot takes, in microseconds; longer where
  /// that would be more than 8 MiB a second.
  package var scrubPeriodMicroseconds: UInt64 = 3_600_000_000
  /// How often time is looked at when nothing else happens, in microseconds.
  package var tickMicroseconds: UInt64 = 10_000
  /// How long a stopping leader waits for another to take over, in microseconds.
  package var farewellMicroseconds: UInt64 = 1_000_000
  /// How long a stopping node waits for its disk, in microseconds.
  package var diskFarewellMicroseconds: UInt64 = 10_000_000

  /// What ships.
  package init() {}
}

extension ServerOptions {
  /// The growth of the log, in bytes, behind which a snapshot may be asked for.
  package static let snapshotAfter = 64 << 10...1 << 40

  /// Has a snapshot written when the log has grown by so many bytes.
  ///
  /// What is kept of the log behind it is a small part of that.
  package mutating func planSnapshots(after size: Int) {
    replica.snapshotLogSizeMin = size
    raft.trailingSizeMax = min(raft.trailingSizeMax, size / 4)
  }
}
