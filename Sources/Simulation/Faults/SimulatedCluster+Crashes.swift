import Consensus
import Raft
import Replication

// Nodes go down and come back.
extension SimulatedCluster {
  /// A node's process is gone; its machine may be without power as well.
  func crash(_ node: Int, by fault: FaultKind, losesPower: Bool) {
    guard nodes[node].process != nil else { return }
    faults.count(fault)
    goDown(node, by: fault, losesPower: losesPower)
  }

  /// A node that is down is started on what its disk holds.
  func restart(_ node: Int) throws(Violation) {
    guard nodes[node].process == nil, !nodes[node].isOut else { return }
    try start(node)
  }

  func start(_ node: Int) throws(Violation) {
    drawBuild(of: node)
    let start: SimulatedNode.Start
    do throws(SimulatedNode.StartFailure) {
      start = try nodes[node].start(setup, at: now)
    } catch {
      return try startFailed(node, error)
    }
    // A snapshot may be lost as well, and what the journal has then follows nothing.
    let isInRepair = start.process.replica.core.status.repair != nil
    try checker.recovered(
      start.records,
      without: start.holes,
      after: start.snapshotIndex,
      allowing: NodeLedger.Allowance(
        mayLackEnd: nodes[node].mayLackEnd,
        isInRepair: isInRepair
      ),
      by: node
    )
    checker.starts(node, isTermLost: start.isTermLost)
    if start.isTermLost { quiet?.mayTermRise = true }
    if isInRepair || !start.holes.isEmpty { try goByWhatIsLeft(start, on: node) }
    coverage.started(start.report, hadSpare: start.hadSpare)
    coverage.reach(.bootCountedAnew, if: start.isBootLost)
    let process = start.process
    process.startedAt = now
    keepLevels(of: process, on: node)
    try observeStart(start)
    trace.add(
      .started(node: node, boot: process.boot, records: start.records.count),
      at: now
    )
    trace.fold(now, node, process.boot)
    try workOn(process, on: node)
    noteDamage(foundBy: process, on: node)
    remindOfElection(node)
    remindOfAnswers(node)
    if now < nodes[node].stormsUntil {
      let life = random.number(in: 50_000..<500_000)
      queue.schedule(.stormKill(node: node, boot: process.boot), at: now + life)
    }
    queue.schedule(
      .tick(node: node, boot: process.boot),
      at: now + random.number(in: 0..<5_000)
    )
  }

  private func observeStart(_ start: SimulatedNode.Start) throws(Violation) {
    guard start.snapshotIndex > .zero else { return }
    let core = start.process.replica.core.core
    let lastPosition = start.records.last?.position ?? 0
    coverage.started(
      from: start.snapshotIndex,
      isLogGivenUp: core.lastIndex == start.snapshotIndex && core.lastPosition > lastPosition
    )
    try observeRestored(start.process)
  }

  private func startFailed(
    _ node: Int,
    _ failure: SimulatedNode.StartFailure
  ) throws(Violation) {
    switch failure {
    case .powerCut:
      faults.count(.cutInRecovery)
      goDown(node, by: .cutInRecovery, losesPower: true)
    case .diskFailed(let fault):
      faults.count(fault)
      goDown(node, by: fault, losesPower: false)
    case .misread(let reason):
      throw .safety(
        "W2",
        "\(nodes[node].member.id) takes a damaged record for a whole one: \(reason)"
      )
    case .refused(let reason):
      guard nodes[node].mayRefuse else {
        throw .safety("W2", "\(nodes[node].member.id) refuses to start: \(reason)")
      }
      // Nobody can tell it who it is: it stays away for good (W5).
      nodes[node].isOut = true
      nodes[node].stop()
      trace.add(.stopped(node: node, .rot), at: now)
    }
  }

  /// The node that leads in the highest term, if one does.
  var leader: Int? {
    var best: (node: Int, term: Term)?
    for node in nodes.indices {
      guard let status = nodes[node].process?.replica.core.status, status.role == .leader
      else { continue }
      if status.term > best?.term ?? Term(0) { best = (node, status.term) }
    }
    return best?.node
  }

  /// The next blow of a storm of restarts (P3).
  func killInStorm(_ node: Int) {
    guard now < nodes[node].stormsUntil else { return }
    crash(node, by: .restartStorm, losesPower: random.oneIn(3))
  }

  private func goDown(_ node: Int, by fault: FaultKind, losesPower: Bool) {
    crashes += 1
    if let process = nodes[node].process {
      coverage.reach(.receiverCrashes, if: process.keeper.isReceiving)
      coverage.reach(.senderCrashes, if: process.replica.core.core.isSendingSnapshot)
    }
    trace.add(.stopped(node: node, fault), at: now)
    trace.fold(now, node, UInt64(crashes))
    nodes[node].stop()
    coverage.reach(.endsBeforeFirstLeader, if: !checker.hasHadLeader)
    coverage.wentDown(node, running: nodes.count { $0.process != nil })
    if losesPower { _ = nodes[node].disk.loseUnsynced() }
    queue.schedule(.restart(node: node), at: now + downMicroseconds(of: node))
  }

  /// How long a node stays down: sometimes so short that an election is still going on.
  private func downMicroseconds(of node: Int) -> UInt64 {
    if let reference { return reference.downMicroseconds }
    if isCalm { return 10_000 }
    if isElectionHard { return random.number(in: 200..<5_000) }
    if now < nodes[node].stormsUntil { return random.number(in: 1_000..<50_000) }
    return random.number(in: random.oneIn(3) ? 200..<20_000 : 30_000..<2_500_000)
  }
}
