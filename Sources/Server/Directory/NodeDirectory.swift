package import Consensus
package import Documents
package import Genesis
import Raft
package import Replication
package import Storage
package import Wire

/// A node's data directory as the server uses it: whose it is, its journal and its snapshots.
package struct NodeDirectory: Sendable {
  /// Who the process becomes by opening it.
  package let identity: Identity
  /// The journal, ready for the next record.
  package let journal: Journal
  /// Everything found in it, and the state of the newest snapshot that is whole, until a replica
  /// has taken them.
  package let recovered: RecoveredContents
  /// Where the node was to be reached when the directory was made, for a node whose log does not
  /// say so: one that waits to be added, or was removed.
  package let home: ClusterConfiguration.Seat?
  /// The digest of the genesis file of a Byzantine cluster; nil in mode raft.
  ///
  /// A directory of one mode is never used in the other.
  package let genesisDigest: Digest?
  /// What recovery did, and what it found damaged.
  package let report: RecoveryReport
  /// Positions of the journal that were synced once and are lost here.
  package let damage: [DamagedStretch]
  /// Whether the newest vote found is the newest there was.
  package let isVoteCertain: Bool
  /// Why the node cannot start if nobody makes good what is damaged; nil if nothing is.
  package let refusal: StorageError?
  /// What was found of a journal of which nothing was left: it has begun anew, as refused.
  package let journalLost: StorageError?
  /// What was found of the count of openings where it was lost: it has begun anew, far above.
  package var bootLost: StorageError? { folder.bootLost }
  /// Keeps the snapshots.
  package let keeper: SnapshotKeeper<DocumentStore>
  /// The journal's first record, which the identity keeps, too; nil if it says nothing of who else
  /// there is.
  package let firstRecord: RecoveredRecord?

  /// The folder, locked as long as somebody holds this.
  let folder: DataDirectory

  /// Makes a directory whose first log entry is the configuration.
  ///
  /// - Throws: `directory_not_empty` or what the disk says; `invalid_argument` through
  ///   `NodeDirectoryError` if the node has no seat.
  package static func create(
    on disk: any Disk,
    cluster: ClusterID,
    configuration: ClusterConfiguration,
    node: NodeID,
    journal: JournalOptions = JournalOptions()
  ) throws(NodeDirectoryError) {
    guard let seat = configuration.seat(of: node) else { throw .noSeat(node) }
    let records = RaftCore.initialRecords(for: configuration)
    try create(on: disk, cluster: cluster, seat: seat, records, journal)
  }

  /// Makes a directory for a node of a Byzantine cluster, whose members and keys stand in its
  /// genesis file alone; the journal is empty.
  package static func create(
    on disk: any Disk,
    genesis: Genesis,
    digest: Digest,
    node: NodeID,
    journal: JournalOptions = JournalOptions()
  ) throws(NodeDirectoryError) {
    guard let seat = genesis.configuration.seat(of: node) else { throw .noSeat(node) }
    let identity = directoryIdentity(genesis.cluster, seat, genesisDigest: digest)
    do {
      try DataDirectory.create(on: disk, identity: identity, records: [], options: journal)
    } catch {
      throw .storage(error)
    }
  }

  /// Makes a directory for a node that waits to be added to a cluster: its log is empty.
  package static func createJoiner(
    on disk: any Disk,
    cluster: ClusterID,
    seat: ClusterConfiguration.Seat,
    journal: JournalOptions = JournalOptions()
  ) throws(NodeDirectoryError) {
    try create(on: disk, cluster: cluster, seat: seat, RaftCore.joinerRecords, journal)
  }

  private static func create(
    on disk: any Disk,
    cluster: ClusterID,
    seat: ClusterConfiguration.Seat,
    _ records: [RaftRecord],
    _ journal: JournalOptions
  ) throws(NodeDirectoryError) {
    do {
      try DataDirectory.create(
        on: disk,
        identity: directoryIdentity(cluster, seat, first: records.first),
        records: records.map {
          JournalRecord(payload: $0.encoded(), isVital: $0.isVital)
        },
        options: journal
      )
    } catch {
      throw .storage(error)
    }
  }

  /// Locks the directory, counts the boot, reads the newest snapshot and recovers the journal.
  ///
  /// - Parameters:
  ///   - disk: The folder.
  ///   - options: Of its journal.
  ///   - comesBack: Whether a node whose journal is lost whole may come back as another member;
  ///     else that is an error, as it is where nobody else is known, and in mode bft.
  /// - Throws: `NodeDirectoryError`: what is wrong with the directory, or what the disk says.
  package init(
    opening disk: any Disk,
    journal options: JournalOptions = JournalOptions(),
    comingBack comesBack: Bool = false
  ) throws(NodeDirectoryError) {
    try Self.finishReturn(on: disk)
    do {
      folder = try DataDirectory.open(on: disk) { comesBack && Self.hasOthers($0) }
    } catch {
      throw .storage(error)
    }
    do {
      let owner = try DirectoryOwner(payload: folder.identity.payload)
      identity = Identity(cluster: owner.cluster, member: owner.member, boot: folder.bootNumber)
      (home, firstRecord) = (owner.home, owner.firstRecord)
      genesisDigest = owner.genesisDigest
    } catch {
      throw .unreadableIdentity(error)
    }
    do {
      let contents = try Contents.read(
        from: folder,
        identity.cluster,
        options,
        beginningAnewWith: comesBack && genesisDigest == nil ? Self.refused(firstRecord) : []
      )
      (keeper, journalLost) = (contents.keeper, contents.journalLost)
      let found = contents.journal
      recovered = RecoveredContents(records: found.recordsWithVital, restored: contents.restored)
      journal = found.journal
      report = found.report
      damage = found.damage
      isVoteCertain = found.isVitalCertain
      refusal = found.refusal
    } catch {
      throw .storage(error)
    }
  }
}

/// Why a data directory cannot be made or opened.
package enum NodeDirectoryError: Error, Equatable, Sendable {
  /// The genesis file gives this node no seat.
  case noSeat(NodeID)
  /// The identity means nothing to this version.
  case unreadableIdentity(WireError)
  /// The directory or its journal; see there.
  case storage(StorageError)

  /// The stable code.
  package var code: String {
    switch self {
    case .noSeat: "invalid_argument"
    case .unreadableIdentity: "directory_foreign"
    case .storage(let error): error.code
    }
  }
}

extension NodeDirectoryError: CustomStringConvertible {
  /// One line that says what, where and what to do.
  package var description: String {
    switch self {
    case .noSeat(let node): "the genesis file names no node \(node.rawValue)"
    case .unreadableIdentity(let error): "the directory's identity cannot be read: \(error)"
    case .storage(let error): "\(error)"
    }
  }
}
