package import Consensus
package import Storage

/// What a replica begins with.
package struct ReplicaStart<Core: ConsensusCore>: Sendable {
  /// Who this process is.
  package var identity: Identity
  /// Limits of the replica.
  package var options: ReplicaOptions
  /// Timeouts and limits of the core.
  package var coreOptions: Core.Options
  /// Where chance comes from.
  package var seed: UInt64
  /// The clocks at the start.
  package var now: Reading
  /// The journal's room for clients' writes, without its spare segment.
  package var journalRoomBytes: Int
  /// The positions of the journal whose records are lost, ascending.
  package var holes: [ClosedRange<UInt64>] = []
  /// Whether the newest vital record that was found is the newest there was.
  package var isVoteCertain = true
  /// The journal's first record, if it is known without the journal.
  package var firstRecord: RecoveredRecord?

  /// All of it; options are set afterwards where they differ from what ships.
  package init(
    identity: Identity,
    coreOptions: Core.Options,
    seed: UInt64,
    now: Reading,
    journalRoomBytes: Int
  ) {
    self.identity = identity
    options = ReplicaOptions()
    self.coreOptions = coreOptions
    self.journalRoomBytes = journalRoomBytes
    self.seed = seed
    self.now = now
  }
}

extension ReplicaStart {
  /// What was found and what was not, the first record being known.
  func completed(
    _ recovered: [RecoveredRecord],
    after snapshot: SnapshotMark?
  ) -> (records: [RecoveredRecord], holes: [ClosedRange<UInt64>]) {
    guard snapshot == nil, recovered.first?.position != 1, let firstRecord else {
      return (recovered, holes)
    }
    let holes = holes.compactMap { hole in
      hole.lowerBound > 1 ? hole : hole.upperBound > 1 ? 2...hole.upperBound : nil
    }
    return ([firstRecord] + recovered, holes)
  }
}
