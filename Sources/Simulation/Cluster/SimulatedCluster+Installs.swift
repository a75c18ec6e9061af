import Consensus
import Raft
import Replication

// What goes wrong around the moment at which a received snapshot takes a state's place.
extension SimulatedCluster {
  private static let holdMicroseconds: Range<UInt64> = 300_000..<2_000_000

  /// Whether a received snapshot is being read for long, while another leader sends what the log
  /// before it lacks: when it has been read, the state is beyond it.
  func isInstallHeld(_ process: NodeProcess, on node: Int) -> Bool {
    if now < nodes[node].installHeldUntil { return true }
    guard staleInstalls > 0, !isCalm, process.keeper.isInstalling,
      let next = nodeWithLog(behind: process.replica.core.core.lastIndex, besides: node),
      let leader, let current = nodes[leader].process
    else { return false }
    staleInstalls -= 1
    faults.count(.staleInstall)
    nodes[node].installHeldUntil = now + snapshotRandom.number(in: Self.holdMicroseconds)
    deliver(.transfer(to: nodes[next].member.id), to: current, on: leader)
    return true
  }

  /// A node that could send entries from this index on, and does not lead.
  private func nodeWithLog(behind index: LogIndex, besides node: Int) -> Int? {
    nodes.indices.first { other in
      guard other != node, other != leader, let core = nodes[other].process?.replica.core.core
      else { return false }
      return core.logBase.index <= index && core.lastIndex > index
    }
  }

  /// The power fails when the record of an install is durable: the snapshot itself must be on the
  /// disk by then, with its name.
  func endAfterInstall(_ node: Int) {
    guard cutsAfterInstall > 0, !isCalm else { return }
    cutsAfterInstall -= 1
    nodes[node].endsAtPosition = checker.ledgers[node].lastPosition
  }
}
