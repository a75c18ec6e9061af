import Consensus

/// Judges a whole world: three nodes side by side, with what they remember together.
///
/// The properties are those of etcd-raft's TLA+ model (S12) where it has them too.
struct WorldJudge {
  let nodes: [NodeFacts]
  let history: WorldHistory

  /// Throws at the first broken promise.
  func judge() throws(WorldViolation) {
    for place in nodes.indices {
      for other in nodes.indices where other > place {
        try judgeMatching(place, other)
      }
      if nodes[place].isLeader { try judgeLeader(place) }
    }
    try judgeDurability()
  }

  /// Logs that hold an entry of one term at one index are equal up to there (S5).
  private func judgeMatching(_ place: Int, _ other: Int) throws(WorldViolation) {
    let logs = (nodes[place].log, nodes[other].log)
    guard logs.0 != logs.1 else { return }
    let common = min(logs.0.count, logs.1.count)
    var index = logs.0.agreement(with: logs.1) + 1
    while index <= common {
      guard logs.0.term(at: index) != logs.1.term(at: index) else {
        let ids = [place, other].map { SmallCluster.members[$0].id }
        throw WorldViolation("S5", "\(ids[0]) and \(ids[1]) differ at or before \(index)")
      }
      index += 1
    }
  }

  /// A leader holds all that was committed in earlier terms (S6), and nobody's log is ahead of
  /// it in entries of its own term.
  private func judgeLeader(_ place: Int) throws(WorldViolation) {
    let leader = nodes[place]
    let id = SmallCluster.members[place].id
    let past = history.committed.prefix(history.committedCount(before: leader.term))
    guard leader.log.begins(with: past) else {
      throw WorldViolation("S6", "\(id) leads in term \(leader.term) without all committed entries")
    }
    for node in nodes where node.log.count > leader.log.count {
      guard node.log.term(at: node.log.count) != leader.term else {
        throw WorldViolation("S12", "somebody's log is ahead of \(id)'s in its own term")
      }
    }
  }

  /// What was ever known to be committed is on a quorum's disks, for good (S9, S10, S11).
  private func judgeDurability() throws(WorldViolation) {
    let committed = history.committed
    let holders = nodes.count { $0.durable.log.begins(with: committed) }
    guard holders >= SmallCluster.quorum else {
      let reason = "\(committed.count) entries were committed, and \(holders) disks hold them"
      throw WorldViolation("S9", reason)
    }
  }
}
