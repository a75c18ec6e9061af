import Consensus
import Raft
import Replication

// Liveness on a core: a quorum of nodes is well and connected, the others are left broken.
extension SimulatedCluster {
  /// A write takes this long at most, in 99 of 100 cases, at the leader: some ten times
  /// what syncs and messages add up to, whatever the nodes outside of the core do (L6).
  private static let latencyMaxMicroseconds: UInt64 = 100_000
  /// Heartbeats, their answers and digests every 50 ms, and what a silent peer costs (L5).
  private static let messagesPerSecondMax = 100

  /// Some node leads, and a quorum within the core follows it (L1).
  func checkLeader() throws(Violation) {
    let leaderID = leader.map { nodes[$0].member.id }
    let followers = core.filter { nodes[$0].process?.replica.core.leaderID == leaderID }
    guard leaderID != nil, checker.hasQuorum(followers.map { nodes[$0].member }) else {
      throw .liveness("L1", "ten election timeouts after the faults no quorum has a leader")
    }
  }

  /// While nothing is wrong in the core, a leader in it stays (L2).
  ///
  /// One outside may hand over when its own trouble comes to its notice.
  func checkCalm() throws(Violation) {
    guard let known = quiet,
      checker.leaderChanges > known.leaderChanges || coreTerm > known.term
    else { return }
    if let leader = known.leader, core.contains(leader), !known.mayTermRise {
      throw .liveness("L2", "the leader changed although nothing was wrong")
    }
    quiet?.leader = leader
    quiet?.leaderChanges = checker.leaderChanges
    quiet?.term = coreTerm
  }

  /// The highest term that a node of the core knows.
  var coreTerm: Term {
    core.compactMap { nodes[$0].process?.replica.core.status.term }.max() ?? Term(0)
  }

  /// A write that was asked for in quiet times is answered by the leader that it reached.
  ///
  /// A follower may still be catching up, and answers when it has.
  func noteLatency(_ reply: ReplicaReply, of waiter: NodeProcess.Waiter, at node: Int) {
    guard let quiet, waiter.arrivedAt >= quiet.time, node == leader,
      case .applied = reply
    else { return }
    latencies.append(now - waiter.arrivedAt)
  }

  /// Nobody outside of the core makes the others slow (L6).
  func checkLatencies() throws(Violation) {
    guard latencies.count >= 50 else { return }
    let worst = latencies.sorted()[latencies.count * 99 / 100]
    guard worst <= Self.latencyMaxMicroseconds else {
      throw .liveness("L6", "one write in a hundred takes \(worst / 1_000) ms and more")
    }
  }

  /// Everybody has been told what became of what was asked in quiet times (L3).
  func checkAnswers(from first: Int) throws(Violation) {
    for client in clients {
      guard let call = client.calls.first else { continue }
      throw .liveness("L3", "client \(client.index) still waits for \(call.purpose)")
    }
    for number in first..<history.operations.count {
      switch history.operations[number].ending {
      case .applied, .answered: continue
      case .failed where !isRead(number): continue
      case .open, .unknown, .failed:
        if core.count < nodes.count, mayStayOpen(number) { continue }
        throw .liveness("L3", "operation \(number) was not answered although nothing was wrong")
      }
    }
  }

  /// Nobody's state is in doubt any more: somebody can answer, whoever else refuses.
  private func isRead(_ number: Int) -> Bool {
    if case .query = history.operations[number].question { true } else { false }
  }

  /// No node of the core keeps anybody waiting for ever (L3).
  ///
  /// What the network has kept since the storm may have come just now.
  func checkDebts() throws(Violation) {
    let lately = idleSince?.time ?? now
    for node in core {
      guard let count = nodes[node].process?.waitersCount(until: lately), count > 0 else {
        continue
      }
      throw .liveness("L3", "\(nodes[node].member.id) still owes \(count) answers")
    }
  }

  /// The rest of a scan is lost with its node, and a session expires while its client meets only
  /// nodes that are left broken: then its next write has no known outcome, as it is told (R3).
  private func mayStayOpen(_ operation: Int) -> Bool {
    if case .nextPage = history.operations[operation].question { return true }
    return clients.contains { $0.orphans.contains(operation) }
  }

  /// Nodes do not spin: where nobody asks, they say little (L5).
  func checkChatter() throws(Violation) {
    guard let idleSince, nodes.count > 1 else { return }
    let sent = (sentCount - idleSince.sentCount) * 1_000_000 / Int(now - idleSince.time)
    let limit = Self.messagesPerSecondMax * nodes.count * (nodes.count - 1)
    guard sent <= limit else {
      throw .liveness("L5", "idle nodes send \(sent) messages in a second")
    }
  }

  /// All nodes of the core have the same state (L4, W7).
  func checkEquality() throws(Violation) {
    let newest = checker.committed.last?.index ?? .zero
    for node in core {
      let id = nodes[node].member.id
      guard let process = nodes[node].process else {
        throw .liveness("L4", "\(id) does not run")
      }
      guard process.replica.lastApplied == newest else {
        throw .liveness("L4", "\(id) has applied \(process.replica.lastApplied) of \(newest)")
      }
      guard !process.replica.machine.hasWrongReplies else { continue }
      try applied.compare(process.replica.stateDigest(), at: newest)
    }
  }

  /// Whoever has come to wrong results while a majority was right is fenced by now (W7).
  func checkFences() throws(Violation) {
    for node in core {
      guard let replica = nodes[node].process?.replica, replica.machine.isLying,
        replica.divergence.standing != .fenced
      else { continue }
      throw .safety("W7", "\(nodes[node].member.id) has wrong results and is not fenced")
    }
  }

  /// No change of the members is left half done (M3).
  func checkMembers() throws(Violation) {
    guard let leader, nodes[leader].process?.replica.core.configuration.isJoint == true else {
      return
    }
    throw .liveness("M3", "a change of the members has no end")
  }
}
