import Consensus
import Raft
import Replication

// What nodes answer clients and operators, judged where it leaves them.
extension SimulatedCluster {
  /// The replies of a turn.
  func judge(
    _ replies: [AddressedReply],
    of process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    for addressed in replies {
      // What gets lost on its way, or goes to an operator, leads to nothing that would be folded.
      trace.fold(now, node, addressed.reply.digest)
      if let wish = process.takeWish(addressed.token) {
        try judge(addressed.reply, to: wish, of: process, on: node, status)
      } else if let waiter = process.waiter(addressed.token) {
        try judge(addressed.reply, to: waiter, of: process, on: node, status)
      }
    }
  }

  /// Whoever leads counts log time by its own clock.
  func judgeLogTime(
    _ core: ObservedCore,
    of process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    guard status.role == .leader else { return }
    let now = process.turnMicroseconds
    for case .entry(let index, let entry) in core.lastEffects.records
    where entry.term == status.term {
      let turns = min(process.lastTurnMicroseconds, now)...now
      let reason = process.logTime.appended(entry, in: turns) {
        core.core.entry(at: index.previous)
      }
      if let reason {
        throw .safety("T4", "\(nodes[node].member.id) \(reason)")
      }
    }
  }

  /// A fenced leader leaves office, and what nodes make of their states is noted (W7).
  func judgeStanding(of process: NodeProcess, on node: Int) throws(Violation) {
    let leads = process.lastStatus?.role == .leader
    let before = process.standing.standing
    let standing = process.replica.divergence.standing
    coverage.stands(standing, before: before, leads: leads)
    let time = process.turnMicroseconds
    guard let reason = process.standing.turnEnded(standing, leads: leads, at: time) else { return }
    throw .safety("W7", "\(nodes[node].member.id) \(reason)")
  }

  // MARK: Clients

  private func judge(
    _ reply: ReplicaReply,
    to waiter: NodeProcess.Waiter,
    of process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    let standing = process.replica.divergence.standing
    if let reason = process.standing.answers(
      reply,
      toRead: waiter.aim.isRead,
      standing: standing
    ) {
      throw .safety("W7", "\(nodes[node].member.id) \(reason)")
    }
    switch reply {
    case .refused(let refusal):
      coverage.reach(.unsettledWriteRefused, if: refusal == .statesDiffer && !waiter.aim.isRead)
      try judge(refusal, of: waiter, by: process, on: node, status)
    case .answer(let index, let bytes):
      try judgeStaleness(of: index, waiter.aim, process, on: node, status)
      let now = process.turnMicroseconds
      if let reason = process.cursors.answered(waiter.aim.step, bytes, at: now) {
        throw .safety("R3", "\(nodes[node].member.id) \(reason)")
      }
    default: break
    }
  }

  /// Nobody's scan is kept beyond its time, also where nobody asks any more (R3).
  func judgeScans(of process: NodeProcess, on node: Int) throws(Violation) {
    let oldest = process.replica.machine.oldestCursorSince
    let now = process.turnMicroseconds
    guard let reason = CursorWatch.objection(toScanSince: oldest, at: now) else { return }
    throw .safety("R3", "\(nodes[node].member.id) \(reason)")
  }

  /// A stale read is answered where the leader was heard lately, from a state that has all that
  /// the node knew (R2).
  private func judgeStaleness(
    of index: LogIndex,
    _ aim: RequestAim,
    _ process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    guard case .staleRead(let lagMax, let committed, let step) = aim else { return }
    let id = nodes[node].member.id
    guard index >= committed else {
      throw .safety("R2", "\(id) reads at \(index) and knew \(committed) to be committed")
    }
    guard case .next = step else {
      guard mayHaveHeard(within: lagMax, process, on: node, status) else {
        throw .safety("R2", "\(id) answers a read that may lag \(lagMax) µs and heard nobody")
      }
      return
    }
  }

  private func mayHaveHeard(
    within lagMax: UInt64,
    _ process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) -> Bool {
    let core = process.replica.core
    return process.contacts.mayHaveHeard(
      within: lagMax,
      at: process.turnMicroseconds,
      status,
      following: member(core.leaderID),
      electedAt: process.logTime.electedAt(in: status.term),
      core.hasQuorum
    )
  }

  /// Also of one that is removed and leads until that is through.
  private func member(_ id: NodeID?) -> Member? {
    nodes.first { $0.member.id == id }?.member
  }

  /// Whoever refuses has a reason (L3).
  private func judge(
    _ refusal: Refusal,
    of waiter: NodeProcess.Waiter,
    by process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    let id = nodes[node].member.id
    // A follower without room may never come to what a read has to see; it may have found room
    // within the turn that refused.
    var isSentOn = false
    if case .notLeader = refusal {
      isSentOn = process.replica.core.takesOnlyRemovals || nodes[node].disk.isFilled
    }
    let isNews = refusal == .notOfferedByAll && nodes[node].build == nil
    guard waiter.aim.mayBeRefused(refusal) && !isNews || isSentOn else {
      throw .liveness("L3", "\(id) refuses \(waiter.aim): \(refusal)")
    }
    if refusal == .tooStale, case .staleRead(let lagMax, _, _) = waiter.aim {
      let core = process.replica.core
      let hasHeard = process.contacts.hasHeard(
        within: lagMax,
        at: process.turnMicroseconds,
        status,
        following: member(core.leaderID)
      )
      guard !hasHeard else {
        throw .liveness("L3", "\(id) refuses a stale read and has heard its leader")
      }
    }
    guard waiter.aim.isRead, let quiet, waiter.arrivedAt >= quiet.time, isWell(node),
      refusal != .overloaded, refusal != .tooStale || !isFollowerRestarted
    else { return }
    throw .liveness("L3", "\(id) refuses a read although nothing is wrong: \(refusal)")
  }

  /// Whether a node and its leader belong to those that are well, and have run since the faults
  /// were over.
  private func isWell(_ node: Int) -> Bool {
    guard let quiet, let leader, core.contains(node), core.contains(leader) else { return false }
    let started = nodes[node].process?.startedAt ?? .max
    return started < quiet.time && nodes[node].lie == nil
  }

  // MARK: Operators

  private func judge(
    _ reply: ReplicaReply,
    to wish: OperatorWatch.Wish,
    of process: NodeProcess,
    on node: Int,
    _ status: CoreStatus
  ) throws(Violation) {
    let id = nodes[node].member.id
    switch (wish, reply) {
    case (_, .refused(let refusal)):
      operators.refused(wish, refusal)
      try judge(checker.committedConfigurations)
    case (.change(let change), .reconfigured(let index)):
      guard index <= status.commitIndex else {
        throw .safety("R3", "\(id) says that a change is done which is not committed")
      }
      guard let next = configuration(at: index, of: process) else { return }
      guard OperatorWatch.isDone(change, next) else {
        throw .safety("R3", "\(id) says that \(change) is done, and it is not")
      }
    case (.transfer(let target), .transferred(let successor)):
      guard target ?? successor == successor, checker.leads(successor, in: status.term) else {
        throw .safety("R3", "\(id) says that it has handed over to \(successor)")
      }
    default:
      throw .safety("R3", "\(id) was asked for \(wish) and says \(reply)")
    }
  }

  /// The configuration at an index of a leader's log; nil where there is another entry, or where
  /// the log has been trimmed.
  private func configuration(
    at index: LogIndex,
    of process: NodeProcess
  ) -> ClusterConfiguration? {
    let place = Int(index.rawValue) - 1
    let payload =
      checker.committed.indices.contains(place)
      ? checker.committed[place].payload : process.replica.core.core.entry(at: index)?.payload
    guard case .configuration(let configuration) = payload else { return nil }
    return configuration
  }

  /// No committed configuration has what was refused for good.
  func judge(_ configurations: [ClusterConfiguration]) throws(Violation) {
    for configuration in configurations {
      guard let reason = operators.objection(to: configuration) else { continue }
      throw .safety("R3", "the change to \(reason)")
    }
  }
}
