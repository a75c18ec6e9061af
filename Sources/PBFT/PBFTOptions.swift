package import Consensus

/// What a replica of the Byzantine mode is given: the genesis, its key, limits and timeouts.
package struct PBFTOptions: Sendable {
  /// Who may sign what.
  package var authority: Authority
  /// This replica's key.
  package var signer: any Signer
  /// The members, one for each key, in order of node id.
  package var configuration: ClusterConfiguration

  /// The most requests in a block.
  package var batchRequestsMax = 256
  /// The most bytes of a block's body, unless one envelope alone has more.
  package var batchSizeMax = 1 << 20
  /// How many blocks may be proposed beyond the newest committed one: W.
  package var blocksInFlightMax: UInt64 = 8
  /// How many blocks lie between checkpoints: K.
  package var checkpointInterval: UInt64 = 128
  /// How many blocks above the stable one are voted for: L.
  ///
  /// Above K and W together.
  package var windowSize: UInt64 = 256

  /// How long a request may wait before the primary is suspected; doubled by every view in vain.
  package var viewTimeoutMicroseconds: UInt64 = 500_000
  /// The longest it becomes.
  package var viewTimeoutMaxMicroseconds: UInt64 = 60_000_000
  /// How long a primary with room may leave a request lying, at least.
  package var orderPatienceMinMicroseconds: UInt64 = 100_000
  /// How often a replica says how it stands.
  package var statusIntervalMicroseconds: UInt64 = 200_000
  /// What a longer time between two ticks counts for: the process has stood still then.
  ///
  /// Well below all patience, or the first tick afterwards could end it.
  package var tickGapMaxMicroseconds: UInt64 = 25_000
  /// How far a proposal's time may be from this replica's clock.
  package var clockToleranceMicroseconds: UInt64 = 5_000_000
  /// How long blocks are asked for before a stable state is taken over as a whole.
  package var transferDelayMicroseconds: UInt64 = 400_000

  /// What ships.
  package init(
    authority: Authority,
    signer: any Signer,
    configuration: ClusterConfiguration
  ) {
    self.authority = authority
    self.signer = signer
    self.configuration = configuration
  }
}
