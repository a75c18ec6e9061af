import Consensus
import Raft
import Replication
import Storage

// What the server does about damage, found on a start or by its scrubber: the journal goes on in a
// sound segment, and what has rotted is forgotten once a snapshot holds it (D21).
extension SimulatedCluster {
  /// How long the scrubber may take to come to what has rotted.
  static let scrubMicroseconds: Range<UInt64> = 1_000..<2_000_000

  /// A node has started: damaged snapshots are to be replaced.
  func noteDamage(foundBy process: NodeProcess, on node: Int) {
    for snapshot in process.keeper.store.damaged {
      deliver(.snapshot(.damaged(snapshot.error)), to: process, on: node)
    }
  }

  /// Something has rotted on the disk of a process that runs: the scrubber will come to it.
  func scheduleScrub(of file: String, on node: Int) {
    guard let process = nodes[node].process, strikeRandom.oneIn(2) else { return }
    let time = now + strikeRandom.number(in: Self.scrubMicroseconds)
    queue.schedule(.scrubbed(node: node, boot: process.boot, file: file), at: time)
  }

  /// The scrubber reads a file that has rotted, unless it is gone by now.
  func scrub(_ file: String, of process: NodeProcess, on node: Int) {
    guard nodes[node].disk.fileNames.contains(file) else { return }
    if let number = Self.segment(of: file) {
      deliver(.rotFound(segment: number), to: process, on: node)
    } else if file.hasPrefix("snapshot-") {
      let rot = StorageError.snapshotDamaged(file: file, offset: 0, what: "checksum")
      deliver(.snapshot(.damaged(rot)), to: process, on: node)
    }
  }

  /// A node hears that a segment has rotted.
  func feed(rotIn segment: UInt64, to process: NodeProcess) {
    coverage.reach(.rotFoundByScrubber)
    handOver(process)
    process.damagedSegments.append(segment)
  }

  /// Until the damage is gone a restart would cost this node its place: better it is a follower.
  private func handOver(_ process: NodeProcess) {
    let core = process.replica.core
    guard core.status.role == .leader, core.configuration.seats.count > 1 else { return }
    let token = process.token(for: .transfer(to: nil))
    process.replica.transferLeadership(to: nil, token: token)
  }

  /// After a turn: what a start has found damaged is forgotten once nothing is missing.
  func careForDamage(
    _ forgetBelow: UInt64?,
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    if let forgetBelow, process.damagedBelow > 0, forgetBelow >= process.damagedBelow {
      coverage.reach(.damageForgotten)
      process.damagedBelow = 0
    }
    if process.isDamageToBeForgotten, process.replica.core.status.repair == nil {
      process.isDamageToBeForgotten = false
      process.damagedSegments.append(nil)
    }
    guard !process.damagedSegments.isEmpty, !process.isJournalBusy else { return }
    try workOn(process, on: node)
  }

  /// The journal goes on in a sound segment.
  ///
  /// - Returns: Whether the disk did as it was told; without space it is tried again.
  func isolateDamage(in process: NodeProcess, on node: Int) throws(Violation) -> Bool {
    while let segment = process.damagedSegments.last {
      let position: UInt64?
      do throws(StorageError) {
        position = try process.journal.isolateDamage(in: segment)
      } catch {
        noteSpace(on: node)
        if case .diskFull = error { return true }
        try diskFailed(on: node, error)
        return false
      }
      process.damagedSegments.removeLast()
      guard let position else { continue }
      coverage.reach(.damageIsolated)
      process.damagedBelow = max(process.damagedBelow, position)
      deliver(.damageIsolated(below: position), to: process, on: node)
    }
    return true
  }

  /// The number in the name of a journal's segment.
  private static func segment(of file: String) -> UInt64? {
    guard file.hasPrefix("journal-"), file.hasSuffix(".seg") else { return nil }
    return UInt64(file.dropFirst("journal-".count).dropLast(".seg".count))
  }
}
