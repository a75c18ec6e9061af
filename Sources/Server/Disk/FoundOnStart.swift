import Consensus
import Documents
import Replication
import Storage

/// What a start found in its directory that was not as it was written.
struct FoundOnStart: Sendable {
  /// Where, and what is wrong there.
  var places: [FoundDamage]
  /// Positions of the journal that are lost.
  var holes: [DamagedStretch]
  /// Snapshots that are not used.
  var snapshots: [DamagedSnapshot]
  /// Whether damaged files of the journal still stand there and nobody has asked to forget them.
  var isToBeForgotten: Bool
  /// What the core said last of its repair.
  var repair: RepairStatus?
  /// When it was last told that it goes on.
  var toldAt: UInt64 = 0

  /// What was found of a journal of which nothing was left.
  let journalLost: StorageError?
  /// What was found of the count of openings, if that was lost.
  let bootLost: StorageError?

  init(in directory: NodeDirectory) {
    journalLost = directory.journalLost
    bootLost = directory.bootLost
    places = directory.report.damage
    holes = directory.damage
    snapshots = directory.keeper.store.damaged
    isToBeForgotten = directory.refusal != nil
  }
}

extension DiskOwner {
  /// Says what the start has found, and has a new snapshot take the place of a damaged one.
  func tell(of found: FoundOnStart) {
    if let reason = found.journalLost { say(.error, "journal.lost", [("reason", "\(reason)")]) }
    if let reason = found.bootLost { say(.error, "boot.lost", [("reason", "\(reason)")]) }
    for place in found.places { tell(of: place) }
    for hole in found.holes {
      let fields = [
        ("first", "\(hole.first)"), ("last", "\(hole.last)"), ("file", hole.file),
        ("offset", "\(hole.offset)"), ("proof", hole.proof),
      ]
      say(.error, "journal.hole", fields)
    }
    for snapshot in found.snapshots {
      let notice = SnapshotNotice<DocumentStore>.damaged(snapshot.error)
      tell(of: notice)
      replica.receive(notice)
    }
  }
}
