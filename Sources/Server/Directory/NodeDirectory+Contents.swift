import Consensus
import Documents
import Raft
import Replication
import Storage
import Wire

extension NodeDirectory {
  /// The bytes of all files that are not the journal's; zero if the folder cannot be listed.
  var sizeBesideJournal: Int { (try? folder.sizeBesideJournal()) ?? 0 }

  /// What stands in the files of a directory besides whose it is.
  struct Contents {
    let keeper: SnapshotKeeper<DocumentStore>
    let restored: RestoredSnapshot<DocumentStore>?
    let journal: RecoveredJournal
    /// What was found of a journal of which nothing was left.
    private(set) var journalLost: StorageError?

    /// Reads snapshots and journal; one of which nothing is left begins anew with these records, if
    /// there are any.
    static func read(
      from folder: DataDirectory,
      _ cluster: ClusterID,
      _ options: JournalOptions,
      beginningAnewWith records: [JournalRecord]
    ) throws(StorageError) -> Contents {
      let lost: StorageError
      do throws(StorageError) {
        let found = try Contents(of: folder, cluster, options)
        guard !records.isEmpty, found.hasNoRecord else { return found }
        lost = .missing(file: "the journal's first record")
      } catch {
        guard case .journalLost(let reason) = error, !records.isEmpty,
          try hasOthers(in: folder, cluster)
        else { throw error }
        lost = reason
      }
      try folder.beginJournalAnew(with: records, options: options)
      var anew = try Contents(of: folder, cluster, options)
      anew.journalLost = lost
      return anew
    }

    /// Whether not even the record is there that every journal of mode raft begins with: one that
    /// began anew, and was interrupted before it held what it was to begin with.
    private var hasNoRecord: Bool {
      journal.recordsWithVital.isEmpty && journal.damage.isEmpty && restored == nil
    }

    /// Whether others may have what is lost: a snapshot of a single voter is all there is.
    private static func hasOthers(
      in folder: DataDirectory,
      _ cluster: ClusterID
    ) throws(StorageError) -> Bool {
      var keeper = SnapshotKeeper<DocumentStore>(
        try folder.openSnapshots(cluster: cluster.encoded())
      )
      guard let restored = try keeper.loadNewest() else { return true }
      return restored.mark.configuration.seats.count > 1
    }

    private init(
      of folder: DataDirectory,
      _ cluster: ClusterID,
      _ options: JournalOptions
    ) throws(StorageError) {
      var keeper = SnapshotKeeper<DocumentStore>(
        try folder.openSnapshots(cluster: cluster.encoded())
      )
      restored = try keeper.loadNewest()
      self.keeper = keeper
      // Which entries are needed then, the replica says.
      journal = try folder.openJournal(
        options: options,
        neededFrom: restored == nil ? 1 : .max,
        toleratingDamage: true
      )
    }
  }

  /// Whether others judge what a member with this identity shows of itself, as in mode raft.
  static func hasOthers(_ identity: DirectoryIdentity) -> Bool {
    guard let owner = try? DirectoryOwner(payload: identity.payload) else { return false }
    return owner.genesisDigest == nil && !refused(owner.firstRecord).isEmpty
  }

  /// What the journal of a node begins with that has lost all it ever promised: it is refused.
  ///
  /// So would others have it that remember it, and it must not count even if nobody does
  /// (docs/decisions/0032). Nothing where no other member is known: nobody could take it back.
  static func refused(_ firstRecord: RecoveredRecord?) -> [JournalRecord] {
    var first = RaftCore.joinerRecords
    if let firstRecord {
      guard let record = try? RaftRecord(decoding: firstRecord.payload),
        case .entry(_, let entry) = record, case .configuration(let known) = entry.payload,
        known.seats.count > 1
      else { return [] }
      first = [record]
    }
    let admission = AdmissionRecord(progress: .remade, directory: 0, start: 0, memory: [])
    return (first + [.admission(admission)]).map {
      JournalRecord(payload: $0.encoded(), isVital: $0.isVital)
    }
  }
}
