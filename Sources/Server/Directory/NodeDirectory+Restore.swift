import ClientProtocol
package import Consensus
import Crypto
import Documents
import Raft
import Replication
package import Storage
import Wire

extension NodeDirectory {
  /// Revisions jump at least so far, so that none is given twice, whatever the old cluster did
  /// after the backup: 115 days of 100,000 writes a second.
  package static let revisionJump: UInt64 = 1_000_000_000_000
  /// And up to so many times as far, as the new cluster's id says: clusters that begin with one
  /// backup begin apart, but for one pair in so many.
  package static let revisionJumps: UInt64 = 1_024

  /// By which rules a state becomes a cluster's beginning: builds with others make another cluster.
  private static let rules = 2

  /// How a cluster begins that is made of another's state; the same for all its members.
  package struct Beginning: Equatable, Sendable {
    /// The cluster's id: no other state, and no empty member, makes a node of it.
    package let cluster: ClusterID
    /// The revision that its first write will be above.
    package let revision: LogIndex
  }

  /// Makes a directory of a new cluster that begins with a backup's state.
  ///
  /// Sessions are not in it: their clients' writes may or may not have been before the backup.
  ///
  /// - Throws: As `create` does. A directory whose making was interrupted never opens.
  package static func restore(
    _ backup: Backup,
    on disk: any Disk,
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    node: NodeID
  ) throws(NodeDirectoryError) -> Beginning {
    let origin = "\(backup.revision) \(backup.createdMilliseconds) \(backup.size)"
    let cluster = cluster.beginning(with: "backup \(rules) \(origin)")
    return try begin(with: backup.store, on: disk, cluster, configuration, node)
  }

  /// The same with what the last node of a cluster holds that is no more.
  package static func restore(
    _ survivor: Survivor,
    on disk: any Disk,
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    node: NodeID
  ) throws(NodeDirectoryError) -> Beginning {
    let source = survivor.identity
    let last = "\(survivor.lastIndex) \(survivor.lastTerm)"
    let origin = "\(source.cluster) \(source.member) \(last)"
    let cluster = cluster.beginning(with: "survivor \(rules) \(origin)")
    return try begin(with: survivor.store, on: disk, cluster, configuration, node)
  }

  private static func begin(
    with state: DocumentStore,
    on disk: any Disk,
    _ cluster: ClusterID,
    _ configuration: ClusterConfiguration,
    _ node: NodeID
  ) throws(NodeDirectoryError) -> Beginning {
    guard let seat = configuration.seat(of: node) else { throw .noSeat(node) }
    let jump = revisionJump * (1 + cluster.low % revisionJumps)
    var state = state
    state.skip(to: state.revision + jump)
    let mark = SnapshotMark(
      index: LogIndex(state.revision),
      term: Term(0),
      logTimeMicroseconds: 0,
      configuration: configuration,
      configurationIndex: LogIndex(state.revision)
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
    return Beginning(cluster: cluster, revision: mark.index)
  }
}

extension ClusterID {
  /// The id of the cluster that a genesis file describes if it begins with this state.
  ///
  /// A member made by `server init`, or of another backup, would vouch for entries that it has
  /// never seen; so it is of another cluster, and every handshake says so.
  fileprivate func beginning(with origin: String) -> ClusterID {
    var digest = SHA256()
    digest.update(encoded())
    digest.update(Array(origin.utf8))
    let bytes = digest.finish().bytes
    let (high, low) = (bytes[0..<8], bytes[8..<16])
    return ClusterID(
      high: high.reduce(0) { $0 << 8 | UInt64($1) },
      low: low.reduce(0) { $0 << 8 | UInt64($1) }
    )
  }
}
