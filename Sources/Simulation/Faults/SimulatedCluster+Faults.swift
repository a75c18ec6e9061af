import Consensus
import Wire

// What goes wrong, and when it is over.
extension SimulatedCluster {
  /// A fault of the plan strikes; what it hits is drawn from its own chance.
  func carryOut(_ strike: FaultStrike) throws(Violation) {
    guard !isCalm else { return }
    // Which nodes may lie or be lost at once depends on who votes; they do where that is fixed.
    let losses: [FaultKind] = [
      .lyingMemory, .wipedDisk, .rolledBackDisk, .lossBeforeElection, .rottenQuorum,
    ]
    if hasJoiners, losses.contains(strike.kind) { return }
    strikeRandom = strike.random
    strikeAim = strike.aim
    if let recipe = strike.completes { faults.count(recipe) }
    switch strike.kind {
    case .kill, .powerCut: end(victim(), by: strike.kind)
    case .killInTurn:
      nodes[victim()].killMoment =
        strikeRandom.oneIn(2) ? .afterVote : .afterMessages(strikeRandom.number(below: 5))
    case .cutAtDiskCall:
      nodes[victim()].disk.cutPower(afterCalls: 1 + strikeRandom.number(below: 12))
    case .cutInRecovery: cutInRecovery()
    case .blackout: blackOut()
    case .partition, .oneWayCut, .partialCut: strikeLinks(strike.kind)
    case .pause: pause(victim())
    case .slowDisk, .hungDisk: slowDown(victim(), strike.kind)
    case .clockRate: changeRate(of: victim())
    case .wallJump: jump()
    case .transfer: transfer()
    case .replay: replay()
    case .reset, .flapping, .swizzle, .notReading, .longCut: strikeLinks(strike.kind)
    case .restartStorm: startStorm(on: victim())
    case .slowNode, .lateTimers: slowDownTurns(of: victim(), strike.kind)
    case .syncError: nodes[victim()].disk.failNextSync()
    case .writeError: nodes[victim()].disk.failNextWrite()
    case .fullDisk: fillDisks()
    case .rot: rot(victim())
    case .lyingMemory: lie(on: victim())
    case .wipedDisk: try wipe(victim())
    case .rolledBackDisk: rollBack(victim(), strike)
    case .lossBeforeElection: loseBeforeElection(strike)
    case .rottenQuorum: rotQuorum(strike)
    case .rottenSnapshot: rotSnapshot(of: victim())
    case .staleInstall: staleInstalls += 1
    case .cutAfterInstall: cutsAfterInstall += 1
    case .splitElection: splitElection()
    case .pauseAfterRead: nodes[victim()].pausesAfterRead = true
    case .flood, .disconnect, .clientRestart, .requestReplay, .idleSession: strikeClients(strike)
    case .churn, .staleLeader, .crashUnderLoad, .powerCutAndPause, .swizzleAndRestarts,
      .longPartition, .brokenTopology, .retryStorm, .crashInSnapshot, .crashInInstall,
      .isolatedChange, .swappedDisks, .restartsWhenFull, .corruptThenLead:
      try cook(strike)
    case .mixedBuilds: changeBuild(of: victim())
    case .memberChange: if hasJoiners { askForChange(at: victim()) }
    case .loss, .duplication, .delay, .reordering, .corruption, .oddAppend, .scanStall,
      .requestLoss, .requestDelay, .replyLoss, .requestDuplication, .leftBroken:
      break
    }
  }

  /// A fault that lasted is over.
  func endEpisode(_ id: Int) throws(Violation) {
    guard !episodes[id].isOver else { return }
    episodes[id].isOver = true
    trace.add(.faultEnded(episodes[id].kind), at: now)
    switch episodes[id].change {
    case .links: network.mend(id)
    case .paused(let node): try resume(node, of: id)
    case .slowDisk(let node):
      if nodes[node].slowness?.fault == id { nodes[node].slowness = nil }
    case .clock(let node):
      nodes[node].clock.setRate(permille: SimulatedClock.trueRatePermille, at: now)
      nodes[node].clockFault = nil
    case .slowNode(let node):
      if nodes[node].sluggishness?.fault == id { nodes[node].sluggishness = nil }
    case .lateTimers(let node):
      if nodes[node].timerLateness?.fault == id { nodes[node].timerLateness = nil }
    case .fullDisk(let node):
      if nodes[node].fullBy == id { nodes[node].disk.setFreeBytes(nil) }
    case .notReading(let node):
      if nodes[node].deafness?.fault == id { try readAgain(node) }
    case .election:
      guard electionStorm?.fault == id else { return }
      electionStorm = nil
      network.slowest = nil
    }
  }

  // MARK: Helpers

  /// Somebody: as often as not the leader, where faults hurt most.
  func victim() -> Int {
    if case .node(let node) = strikeAim { return node }
    if case .leader = strikeAim, let leader { return leader }
    if strikeRandom.oneIn(2), let leader { return leader }
    return strikeRandom.number(below: nodes.count)
  }

  func begin(
    _ kind: FaultKind,
    _ change: FaultEpisode.Change,
    nodes touched: [Int],
    for microseconds: UInt64
  ) -> Int {
    let id = faults.beginEpisode(kind)
    episodes.append(FaultEpisode(kind: kind, change: change))
    invariant(episodes.count == id + 1, "episodes are numbered here as they are counted there")
    queue.schedule(.episodeEnds(id), at: now + microseconds)
    trace.add(.fault(kind, change, nodes: touched, microseconds: microseconds), at: now)
    return id
  }

  /// Ends a process at once, or when there is most to lose: between a write and its sync.
  private func end(_ node: Int, by kind: FaultKind) {
    if strikeRandom.oneIn(2) {
      nodes[node].endsInBatch = kind
    } else {
      crash(node, by: kind, losesPower: kind == .powerCut)
    }
  }

  /// Ends a process, and lets the power fail when the next one recovers or soon after: what a
  /// killed process left in the cache is gone then, unless recovery has synced it.
  private func cutInRecovery() {
    let node = victim()
    switch strikeRandom.number(below: 3) {
    case 0: crash(node, by: .powerCut, losesPower: true)
    case 1: crash(node, by: .kill, losesPower: false)
    default:
      nodes[node].endsInBatch = .kill
      nodes[node].recoversUntilCall = 1 + strikeRandom.number(below: 40)
      return
    }
    nodes[node].recoversUntilCall = 1 + strikeRandom.number(below: 40)
  }

  private func blackOut() {
    let running = nodes.indices.filter { nodes[$0].process != nil }
    guard !running.isEmpty else { return }
    faults.count(.blackout)
    for node in running { crash(node, by: .powerCut, losesPower: true) }
  }

  /// Stops a process for a while; sometimes nobody's word reaches it when it goes on, so that it
  /// has to find out by itself what it missed.
  func pause(_ node: Int) {
    guard nodes[node].process != nil, !nodes[node].isPaused else { return }
    let lengths = strikeRandom.oneIn(3) ? 20_000..<150_000 : 150_000..<UInt64(3_000_000)
    let length = strikeRandom.number(in: lengths)
    stop(node, .pause, for: length)
    guard strikeRandom.oneIn(3) else { return }
    let links = nodes.indices.filter { $0 != node }.map { LinkCut(from: $0, to: node) }
    cut(links, .oneWayCut, for: length + 500_000)
  }

  /// A process stands still.
  func stop(_ node: Int, _ kind: FaultKind, for length: UInt64) {
    nodes[node].isPaused = true
    nodes[node].pausedBy = begin(kind, .paused(node: node), nodes: [node], for: length)
  }

  private func resume(_ node: Int, of id: Int) throws(Violation) {
    guard nodes[node].pausedBy == id, nodes[node].isPaused, let process = nodes[node].process
    else { return }
    nodes[node].isPaused = false
    if nodes[node].isTurnMissed || nodes[node].isCompletionMissed {
      faults.tookEffect(episode: id)
    }
    let replies = process.repliesHeld
    process.repliesHeld = []
    try answer(replies, of: process, on: node)
    if nodes[node].isCompletionMissed {
      nodes[node].isCompletionMissed = false
      try batchWritten(by: process, on: node)
    }
    guard nodes[node].process === process, nodes[node].isTurnMissed else { return }
    nodes[node].isTurnMissed = false
    scheduleTurn(of: process, on: node)
  }

  private func slowDown(_ node: Int, _ kind: FaultKind) {
    let isHung = kind == .hungDisk
    let slowest = strikeRandom.number(in: isHung ? 2_500_000..<6_000_000 : 5_000..<60_000)
    let length = isHung ? 2_000_000 : strikeRandom.number(in: 500_000..<5_000_000)
    let id = begin(kind, .slowDisk(node: node), nodes: [node], for: length)
    nodes[node].slowness = (slowest, id)
  }

  private func changeRate(of node: Int) {
    let rates: [UInt64] = [500, 800, 950, 1_050, 1_250, 2_000]
    let id = begin(
      .clockRate,
      .clock(node: node),
      nodes: [node],
      for: strikeRandom.number(in: 1_000_000..<10_000_000)
    )
    nodes[node].clockFault = id
    nodes[node].clock.setRate(permille: rates[strikeRandom.number(below: rates.count)], at: now)
  }

  private func jump() {
    let jump = Int64(strikeRandom.number(below: 2_000_000_000)) - 1_000_000_000
    let node = victim()
    nodes[node].clock.jump(milliseconds: jump * (strikeRandom.oneIn(2) ? 1 : 100))
    nodes[node].hasJumped = true
  }

  /// A node looks at its clock: whatever is wrong with that takes effect now.
  func read(clockOf node: Int) -> Reading {
    if let fault = nodes[node].clockFault { faults.tookEffect(episode: fault) }
    if nodes[node].hasJumped { faults.count(.wallJump) }
    nodes[node].hasJumped = false
    return nodes[node].clock.reading(at: now)
  }

  private func transfer() {
    guard let leader, let process = nodes[leader].process else { return }
    if case .node(let node) = strikeAim {
      return deliver(.transfer(to: nodes[node].member.id), to: process, on: leader)
    }
    let target = nodes[strikeRandom.number(below: nodes.count)].member.id
    deliver(.transfer(to: strikeRandom.oneIn(2) ? target : nil), to: process, on: leader)
  }

  /// A frame of the past arrives now, or old answers the next times that somebody asks.
  private func replay() {
    if strikeRandom.oneIn(2) {
      network.echoesLeft += 4
    } else if let frame = network.oldFrame() {
      replay(frame)
    }
  }

  /// A frame of the past arrives (N8).
  func replay(_ frame: PeerFrame) {
    var frame = frame
    frame.isOfThePast = true
    queue.schedule(.peerFrame(frame), at: now + 1)
  }
}
