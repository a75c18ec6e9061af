import ClientProtocol
package import Consensus
import Documents
import Raft
import Replication
package import Storage
import Wire

extension NodeDirectory {
  /// Revisions jump so far, so that none is given twice, whatever the old cluster did after the
  /// backup: 115 days of 100,000 writes a second.
  package static let revisionJump: UInt64 = 1_000_000_000_000

  /// Makes a directory of a new cluster that begins with a backup's state.
  ///
  /// Sessions are not in it: their clients' writes may or may not have been before the backup.
  ///
  /// - Returns: The revision at which the new cluster begins; the same for all its members.
  /// - Throws: As `create` does. A directory whose making was interrupted never opens.
  package static func restore(
    _ backup: Backup,
    on disk: any Disk,
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    node: NodeID
  ) throws(NodeDirectoryError) -> LogIndex {
    try begin(with: backup.store, on: disk, cluster, configuration, node)
  }

  /// The same with what the last node of a cluster holds that is no more.
  package static func restore(
    _ survivor: Survivor,
    on disk: any Disk,
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    node: NodeID
  ) throws(NodeDirectoryError) -> LogIndex {
    try begin(with: survivor.store, on: disk, cluster, configuration, node)
  }

  private static func begin(
    with state: DocumentStore,
    on disk: any Disk,
    _ cluster: ClusterID,
    _ configuration: ClusterConfiguration,
    _ node: NodeID
  ) throws(NodeDirectoryError) -> LogIndex {
    guard let seat = configuration.seat(of: node) else { throw .noSeat(node) }
    let mark = SnapshotMark(
      index: LogIndex(state.revision + revisionJump),
      term: Term(0),
      logTimeMicroseconds: 0,
      configuration: configuration,
      configurationIndex: LogIndex(state.revision + revisionJump)
    )
    let record = RaftRecord.restart(LogMark(index: mark.index, term: mark.term))
    do {
      try DataDirectory.create(
        on: disk,
        identity: directoryIdentity(cluster, seat),
        records: [JournalRecord(payload: record.encoded(), isVital: record.isVital)]
      )
      let store = try SnapshotStore.open(on: disk, cluster: cluster.encoded())
      var image = ReplicaImage(
        beginningAt: mark.index,
        configuration: configuration,
        state
      )
      var writer = try store.begin(
        index: mark.index.rawValue,
        term: mark.term.rawValue,
        head: mark.encoded()
      )
      while let piece = image.nextPiece(sizeAim: Limits.pieceSizeAim) {
        try writer.append(piece)
      }
      while case .working = try writer.finish() {}
    } catch {
      throw .storage(error)
    }
    return mark.index
  }
}
