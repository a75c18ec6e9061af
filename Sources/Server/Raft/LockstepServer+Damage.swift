import Consensus
import Documents
import Raft
import Replication
import Storage
import Transport

// Damage: on a start the others refill what is lost; found by the scrubber it is written anew.
extension LockstepServer: DiskOwner {
  private static let repairNoticeMicroseconds: UInt64 = 5_000_000
  /// The token of a transfer because of damage; no client's token is ever so high.
  private static let damageToken = ReplyToken(.max - 1)

  // MARK: Found on a start

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
