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

  init(in directory: NodeDirectory) {
    places = directory.report.damage
    holes = directory.damage
    snapshots = directory.keeper.store.damaged
    isToBeForgotten = directory.refusal != nil
  }
}

// Damage: on a start the others refill what is lost; found by the scrubber it is written anew.
extension LockstepServer {
  private static let repairNoticeMicroseconds: UInt64 = 5_000_000
  /// The token of a transfer because of damage; no client's token is ever so high.
  private static let damageToken = ReplyToken(.max - 1)

  /// The replica that goes on from what a directory holds.
  static func replica(
    _ begun: ReplicaStart<RaftCore>,
    from directory: NodeDirectory
  ) throws(ServerError) -> NodeReplica {
    var start = begun
    start.holes = directory.damage.map { $0.first...$0.last }
    start.isVoteCertain = directory.isVoteCertain
    start.firstRecord = directory.firstRecord
    do {
      return try NodeReplica(
        start: start,
        machine: DocumentStore(cursorSeed: SystemSeed.draw()),
        restored: directory.restored,
        recovered: directory.records
      )
    } catch {
      // Whoever has read the files can name them.
      if error.isAboutFiles, let refusal = directory.refusal { throw .journal(refusal) }
      throw .replica(error)
    }
  }

  // MARK: Found on a start

  /// Says what the start has found, and has a new snapshot take the place of a damaged one.
  func tellOfDamage() {
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
      journalThread.isolateDamage()
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

  // MARK: Found while it runs

  /// The scrubber has found something, or nothing.
  func obey(_ finding: Scrubber.Finding) {
    switch finding {
    case .segment(let number, let place):
      tell(of: place)
      handOver()
      journalThread.isolateDamage(in: number)
    case .snapshot(let notice):
      tell(of: notice)
      handOver()
      replica.receive(notice)
    case .mended(let file):
      say(.warning, "file.mended", [("file", file)])
    case .round(let bytes, let damaged):
      say(.info, "scrub.finished", [("bytes", "\(bytes)"), ("damaged", "\(damaged)")])
    case .failed(let error):
      say(.warning, "scrub.failed", [("code", error.code), ("reason", "\(error)")])
    }
  }

  private func tell(of place: FoundDamage) {
    let fields = [("file", place.file), ("offset", "\(place.offset)"), ("reason", place.what)]
    say(.error, "journal.damaged", fields)
  }

  private static func fields(of repair: RepairStatus) -> [(name: String, value: String)] {
    [
      ("first_missing", "\(repair.firstMissing)"),
      ("through", repair.target.map { "\($0)" } ?? "unknown"),
      ("term_known", "\(repair.isTermKnown)"),
      ("unheard", repair.unheard.map { "\($0)" }.joined(separator: ",")),
    ]
  }

  /// Until the damage is gone a restart would cost this node its place: better it is a follower.
  private func handOver() {
    guard replica.core.status.role == .leader, configuration.seats.count > 1 else { return }
    replica.transferLeadership(to: nil, token: Self.damageToken)
  }
}
