import Consensus
import Documents
import Raft
import Replication
import Storage
import Transport

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

  init(in directory: NodeDirectory) {
    journalLost = directory.journalLost
    places = directory.report.damage
    holes = directory.damage
    snapshots = directory.keeper.store.damaged
    isToBeForgotten = directory.refusal != nil
  }
}

// Damage: on a start the others refill what is lost; found by the scrubber it is written anew.
extension LockstepServer: DiskOwner {
  private static let repairNoticeMicroseconds: UInt64 = 5_000_000
  /// The token of a transfer because of damage; no client's token is ever so high.
  private static let damageToken = ReplyToken(.max - 1)

  // MARK: Found on a start

  /// Says what the start has found, and has a new snapshot take the place of a damaged one.
  func tellOfDamage() {
    if let reason = damage.journalLost { say(.error, "journal.lost", [("reason", "\(reason)")]) }
    for place in damage.places { tell(of: place) }
    for hole in damage.holes {
      let fields = [
        ("first", "\(hole.first)"), ("last", "\(hole.last)"), ("file", hole.file),
        ("offset", "\(hole.offset)"), ("proof", hole.proof),
      ]
      say(.error, "journal.hole", fields)
    }
    for snapshot in damage.snapshots {
      let notice = SnapshotNotice<DocumentStore>.damaged(snapshot.error)
      tell(of: notice)
      replica.receive(notice)
    }
  }

  /// Says how a repair goes, and has the damaged files forgotten once nothing is missing.
  func watchRepair() {
    let repair = replica.core.status.repair
    if repair == nil, damage.isToBeForgotten {
      damage.isToBeForgotten = false
      disk.journal.isolateDamage()
    }
    guard repair != damage.repair else { return }
    defer { damage.repair = repair }
    guard let repair else {
      let milliseconds = (loop.turnStart - startedAt) / 1_000
      say(.info, "repair.finished", [("after_ms", "\(milliseconds)")])
      return
    }
    let isFirst = damage.repair == nil
    guard isFirst || loop.turnStart >= damage.toldAt + Self.repairNoticeMicroseconds else { return }
    damage.toldAt = loop.turnStart
    say(.warning, isFirst ? "repair.begun" : "repair.goes.on", Self.fields(of: repair))
  }

  private static func fields(of repair: RepairStatus) -> [(name: String, value: String)] {
    [
      ("first_missing", "\(repair.firstMissing)"),
      ("through", repair.target.map { "\($0)" } ?? "unknown"),
      ("term_known", "\(repair.isTermKnown)"),
      ("unheard", repair.unheard.map { "\($0)" }.joined(separator: ",")),
    ]
  }

  // MARK: Found while it runs

  /// Until the damage is gone a restart would cost this node its place: better it is a follower.
  func damageIsFound() {
    guard replica.core.status.role == .leader, configuration.seats.count > 1 else { return }
    replica.transferLeadership(to: nil, token: Self.damageToken)
  }
}
