import Consensus
import Documents
import PBFT
import Replication
import Storage

extension ByzantineServer: DiskOwner {
  /// The replica that goes on from what a directory holds.
  static func replica(
    of node: ByzantineNode,
    from directory: NodeDirectory,
    _ options: ServerOptions
  ) throws(ServerError) -> NodeReplica {
    var start = ReplicaStart<PBFTCore>(
      identity: node.identity,
      coreOptions: node.coreOptions(options),
      seed: SystemSeed.draw(),
      now: Clock.reading(),
      journalRoomBytes: directory.journal.room.beyondSpare
    )
    start.options = options.replica
    let machine = DocumentStore(
      cursorSeed: SystemSeed.draw(),
      isTracked: true,
      handsOver: true
    )
    return try directory.replica(start, with: machine)
  }

  /// A state that was asked for may have been written.
  func keeperIsDone(_ notice: SnapshotNotice<DocumentStore>) { noteInstalling(notice) }
}
