import ClientProtocol
package import Consensus
import Documents
import Raft
import Replication
package import Storage
import Wire

/// What the directory of one node holds whose cluster will never have a majority again.
///
/// Nothing in the directory is changed. All of the log is taken for committed: what was
/// acknowledged and came to this node is among it, and maybe some that never was
/// (docs/formats/backup.md).
package struct Survivor: Sendable {
  /// Whose directory it is, and of which cluster.
  package let identity: Identity
  /// The newest entry that is certain to have been committed: that of the newest whole snapshot.
  package let snapshotIndex: LogIndex
  /// The newest entry that is taken over.
  package let lastIndex: LogIndex
  /// Its term.
  package let lastTerm: Term
  /// When a leader proposed it, by that leader's clock, in milliseconds since 1970; nil if the
  /// snapshot holds it.
  package let lastWallMilliseconds: UInt64?
  /// The same, as people write it.
  package var lastEntryTime: String? { lastWallMilliseconds.map(LogTime.timestamp) }
  /// The newest term that the node knew of: if it is later than `lastTerm`, others went on.
  package let term: Term
  /// Entries that can be read and are not taken over: what came before them is missing.
  package let unusedCount: Int
  /// Every damaged place: file and what is wrong.
  package let damage: [String]
  /// The documents as all of that leaves them.
  let store: DocumentStore

  /// The revision of the state.
  package var revision: UInt64 { store.revision }
  /// How many collections there are.
  package var collectionsCount: Int { store.collectionsCount }
  /// How many documents and values there are.
  package var itemsCount: Int { store.itemsCount }
  /// The entries that are taken over and of which nobody knows whether they were committed.
  package var uncertainCount: Int { lastIndex - snapshotIndex }

  /// Reads a directory that no server uses, on a disk that may be read only.
  ///
  /// - Throws: `directory_locked`, what the disk says, `journal_incomplete` where nothing reaches
  ///   back far enough, or what a later version has written.
  package init(reading disk: any Disk) throws(ServerError) {
    do {
      let survey = try DirectorySurvey(of: disk)
      let lock = try survey.lock()
      defer { withExtendedLifetime(lock) {} }
      identity = try Self.identity(in: survey)
      let files = try SnapshotStore.look(at: disk, cluster: identity.cluster.encoded())
      var keeper = SnapshotKeeper<DocumentStore>(files)
      let restored = try keeper.loadNewest()
      var damage = survey.problems.map { "\($0.file): \($0.what)" }
      damage += keeper.store.damaged.map { "\($0.error)" }
      let log = try Self.log(in: survey, &damage)
      if log.hasLostBeginning {
        damage.append("journal: its beginning is missing, and any entries that stood there")
      }
      self.damage = damage
      let start = restored.map { LogMark(index: $0.mark.index, term: $0.mark.term) }
      let beginning = start ?? LogMark(index: .zero, term: Term(0))
      let found = log.entries(after: beginning)
      // A journal that was lost whole began anew, with its first entry at most: what is left of the
      // rest stands in files that begin with `refused-`.
      let isLost = log.isRefused && (found?.entries.count ?? 0) <= 1
      guard restored != nil || (found != nil && !isLost) else {
        throw ServerError.replica(.journalIncomplete(after: .zero))
      }
      let entries = found?.entries ?? []
      snapshotIndex = beginning.index
      lastIndex = entries.last?.index ?? beginning.index
      lastTerm = entries.last?.term ?? beginning.term
      lastWallMilliseconds = entries.last?.wallMilliseconds
      term = max(log.term, lastTerm)
      unusedCount = found?.unusedCount ?? log.count(behind: beginning.index)
      store = try Self.replay(entries, after: restored, identity)
    } catch {
      throw ServerError(unwrapping: error)
    }
  }

  private static func identity(in survey: DirectorySurvey) throws(StorageError) -> Identity {
    let file = "identity"
    guard let found = survey.identity else {
      throw .foreign(file: file, what: "no copy of it is whole: whose directory it is nobody knows")
    }
    let owner: DirectoryOwner
    do {
      owner = try DirectoryOwner(payload: found.payload)
    } catch {
      throw .foreign(file: file, what: "\(error)")
    }
    guard owner.genesisDigest == nil else {
      throw .foreign(file: file, what: "it is of mode bft, and only mode raft's can be recovered")
    }
    return Identity(cluster: owner.cluster, member: owner.member, boot: survey.bootNumber ?? 0)
  }

  private static func log(
    in survey: DirectorySurvey,
    _ damage: inout [String]
  ) throws -> SurvivorLog {
    var log = SurvivorLog()
    for number in survey.segments {
      let segment = try survey.segment(number)
      damage += segment.damage.map { "\(segment.fileName) offset \($0.offset): \($0.what)" }
      for found in segment.records {
        do {
          log.take(try RaftRecord(decoding: found.payload), at: found.position)
        } catch {
          throw ReplicaError.unreadableRecord(position: found.position, reason: error)
        }
      }
    }
    return log
  }

  /// Applies the entries as the node would have, every write once.
  private static func replay(
    _ entries: [Committed],
    after restored: RestoredSnapshot<DocumentStore>?,
    _ identity: Identity
  ) throws(ReplicaError) -> DocumentStore {
    var start = ReplicaStart<ReplayCore>(
      identity: identity,
      coreOptions: ReplayCore.Options(entries: entries),
      seed: 0,
      now: Reading(monotonicMicroseconds: 0, wallMilliseconds: 0),
      journalRoomBytes: .max
    )
    start.options.snapshotLogSizeMin = .max
    var replica = try Replica(
      start: start,
      machine: DocumentStore(cursorSeed: 0),
      restored: restored,
      recovered: []
    )
    if let index = replica.turn().unknownCommand { throw .unknownCommand(at: index) }
    return replica.machine
  }
}

extension Survivor {
  /// Writes the documents as a backup, from which all members of a new cluster can be made.
  package func write(to backup: inout BackupWriter) throws(StorageError) -> SnapshotFile? {
    var image = store.freeze()
    while let piece = image.nextPiece(sizeAim: Limits.pieceSizeAim) {
      try backup.append(piece, revision: revision)
    }
    return try backup.finish()
  }
}
