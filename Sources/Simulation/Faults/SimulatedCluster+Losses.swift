import Consensus
import Raft
import Replication

// Disks that lose all that they had, or what is new: such a node must not count (D15, D16).
extension SimulatedCluster {
  // MARK: Strikes

  /// A node's folder is emptied and made anew from the genesis file, while it is down.
  func wipe(_ node: Int) throws(Violation) {
    guard mayLose(node), mayLoseAnother else { return }
    crash(node, by: .kill, losesPower: true)
    // Whoever makes a directory sees to it that there is room.
    nodes[node].disk.heal()
    // A recipe wants a member that has forgotten, not another one. Whoever has come back before is
    // in no genesis file.
    let isFounder = setup.configuration.seat(of: nodes[node].member) != nil
    let isDrawn = if case .anybody = strikeAim { strikeRandom.oneIn(3) } else { false }
    let isMadeToJoin = isDrawn || !isFounder
    do {
      if isMadeToJoin {
        let incarnation = Incarnation(strikeRandom.next())
        let successor = Member(id: nodes[node].member.id, incarnation: incarnation)
        try nodes[node].wipe(as: successor, setup)
        checker.comesBack(node, as: successor)
      } else {
        try nodes[node].wipe(setup)
      }
    } catch {
      throw .safety("W2", "a new directory cannot be made: \(error)")
    }
    try checker.wiped(node, leaving: nodes[node].firstRecords(setup))
    lose(node, .wiped)
    guard isMadeToJoin else { return }
    // It has another name: whatever it says is about nothing that was lost.
    nodes[node].loss = nil
    nodes[node].wasAdmitted = false
    queue.schedule(.replacement(node: node), at: now + 100_000)
  }

  /// An operator asks that the new directory takes the place of the old one.
  func askForReplacement(of node: Int) {
    let member = nodes[node].member
    guard checker.configuration.seat(of: member) == nil else { return }
    queue.schedule(.replacement(node: node), at: now + 300_000)
    guard let leader, let process = nodes[leader].process else { return }
    let learner = ClusterConfiguration.Learner(
      seat: Self.seat(of: member),
      promotesItself: true,
      replaces: member.id
    )
    deliver(.reconfigure(.add(learner)), to: process, on: leader)
  }

  /// A refused node sets its directory aside and comes back as another member.
  func comeBack(_ node: Int, as successor: Member) throws(Violation) {
    guard nodes[node].loss != nil, nodes[node].process != nil else { return }
    guard checker.isForGood(successor) else {
      throw .safety("D15", "\(successor.id) comes back as somebody who is not known for good")
    }
    coverage.reach(.refusedNodeComesBack)
    checker.comesBack(node, as: successor)
    nodes[node].stop()
    nodes[node].disk.heal()
    if !isCalm, random.oneIn(2) {
      nodes[node].disk.cutPower(afterCalls: 1 + random.number(below: 20))
    }
    var isCut = false
    do {
      try nodes[node].comeBack(as: successor, setup)
    } catch {
      guard nodes[node].disk.isCut else {
        throw .safety("W2", "a directory cannot be made anew: \(error)")
      }
      isCut = true
      coverage.reach(.remakeInterrupted)
    }
    nodes[node].disk.keepPower()
    if isCut { _ = nodes[node].disk.loseUnsynced() }
    try checker.wiped(node, leaving: RaftCore.joinerRecords)
    queue.schedule(.restart(node: node), at: now + random.number(in: 200..<50_000))
  }

  /// When all is well, everybody is back (L4).
  func checkReturns() throws(Violation) {
    let seats = checker.configuration.seats
    for node in nodes.indices where hasLosses && !nodes[node].isOut && !hasJoiners {
      guard nodes[node].loss != nil || !seats.contains(where: { $0.member == nodes[node].member })
      else { continue }
      throw .liveness("L4", "\(nodes[node].member.id) lost its disk and is not taken in again")
    }
  }

  /// A node's folder is copied, and the copy is put back some time later.
  func rollBack(_ node: Int, _ strike: FaultStrike) {
    if let copy = nodes[node].copy {
      nodes[node].copy = nil
      return putBack(copy, on: node)
    }
    guard mayLose(node), nodes[node].process != nil else { return }
    takeCopy(of: node)
    // Operators stop a node for it: hardly anything but its next start tells the copy from what
    // follows then.
    if strikeRandom.oneIn(3) { crash(node, by: .kill, losesPower: true) }
    let isSoon = strikeRandom.oneIn(4)
    let delay = strikeRandom.number(in: isSoon ? 20_000..<1_000_000 : 1_000_000..<12_000_000)
    follow(strike, .rolledBackDisk, after: delay, .node(node))
  }

  /// What a bare quorum holds is lost by one of it, and the others of it are cut off: the rest and
  /// the one that forgot would be a quorum.
  func loseBeforeElection(_ strike: FaultStrike) {
    guard nodes.count > 2, let leader, mayLoseAnother else { return }
    let shift = 1 + strikeRandom.number(below: nodes.count - 1)
    let order = (0..<nodes.count - 1).map { (leader + 1 + (shift + $0) % (nodes.count - 1)) }
      .map { $0 % nodes.count }
    guard let forgetful = order.first, mayLose(forgetful) else { return }
    faults.count(.lossBeforeElection)
    let holders = [leader] + order[1..<checker.quorum - 1]
    let links = links(between: leader, and: order[(checker.quorum - 1)...])
    cut(links, .partialCut, for: Self.lossAfter + 1_000_000)
    follow(strike, .flood, after: 0, .anybody)
    let losses: [FaultKind] = [.wipedDisk, .rolledBackDisk, .rot]
    let loss = losses[strikeRandom.number(below: losses.count)]
    if loss == .rolledBackDisk { takeCopy(of: forgetful) }
    follow(strike, loss, after: Self.lossAfter, .node(forgetful))
    for node in holders { follow(strike, .longCut, after: Self.lossAfter, .node(node)) }
  }

  /// By then everybody has had news of everybody, also of what was written since.
  private static let lossAfter: UInt64 = 2_600_000

  private func takeCopy(of node: Int) {
    nodes[node].copy = nodes[node].copyFolder(checker.ledgers[node])
  }

  private func putBack(_ copy: DiskCopy, on node: Int) {
    guard mayLose(node), mayLoseAnother else { return }
    let isBootless = setup.hasOthers && strikeRandom.oneIn(4)
    guard !watchesLosses || isNewsHeard(of: node, since: copy, isBootless: isBootless) else {
      return coverage.reach(.newsHeardByTooFew)
    }
    crash(node, by: .kill, losesPower: true)
    nodes[node].putBack(copy, isBootless: isBootless)
    checker.lost(node, leaving: copy.ledger)
    lose(node, .rolledBack)
  }

  private func lose(_ node: Int, _ loss: DiskLoss) {
    nodes[node].loss = loss
    nodes[node].copy = nil
    hasLosses = true
    faults.count(loss.fault.kind)
    trace.add(.stopped(node: node, loss.fault.kind), at: now)
  }

  /// One node at a time, and whole ones only: what several have lost nobody may remember.
  ///
  /// A node with holes may wait for the word of one that has come back as another, which is silent.
  private func mayLose(_ node: Int) -> Bool {
    !nodes[node].isOut && !nodes[node].isRotten && nodes[node].lie == nil
      && nodes.allSatisfy { ($0.loss == nil || $0.isOut) && !$0.mayHaveHoles }
  }

  /// Whether somebody in every quorum with the node remembers, durably, more than the copy holds.
  ///
  /// Where nobody does, it is taken for the newest: what remains of D16 (docs/decisions/0029), and
  /// no simulated promise outlives it.
  func isNewsHeard(of node: Int, since copy: DiskCopy, isBootless: Bool) -> Bool {
    let member = nodes[node].member
    let unaware = nodes.indices.filter { other in
      guard other != node, !nodes[other].isRotten else { return other != node }
      let memory = checker.ledgers[other].durable.memory.first { $0.member == member }
      return memory.map { !copy.isLess(than: $0, isBootless: isBootless) } ?? true
    }
    return !checker.hasQuorum((unaware + [node]).map { nodes[$0].member })
  }

  // MARK: Promises

  /// Nobody is refused whose disk has lost nothing, and nobody admitted whose disk has.
  func observe(_ admission: AdmissionStatus, of node: Int) throws(Violation) {
    let id = nodes[node].member.id
    switch (admission, nodes[node].loss) {
    // A copy may have been made before the node was first admitted.
    case (.waiting, _), (.directoryRemade, .wiped), (.directoryRemade, .rolledBack),
      (.rolledBack, .rolledBack):
      break
    case (.admitted, nil):
      nodes[node].wasAdmitted = true
      nodes[node].wasLifeAdmitted = true
    // The others know more of it than its damaged disk, or it lost the count of its starts and was
    // not admitted since the last that was counted: it has to come back as another member.
    case (.rolledBack, nil) where nodes[node].mayLackEnd || nodes[node].hasLostBoot:
      nodes[node].loss = .rolledBack
      hasLosses = true
    // Nothing says that it lost anything; but who could was silent.
    case (.voterSilent, _) where setup.raft.admission == .strict:
      nodes[node].loss = nodes[node].loss ?? .rolledBack
      hasLosses = true
    case (.admitted, let loss?):
      if watchesLosses { throw .safety(loss.fault.promise, "\(id) is admitted again") }
    case (.rolledBack, _), (.directoryRemade, _), (.voterSilent, _):
      throw .safety("D16", "\(id) is refused for what its disk has not lost")
    }
  }

  /// A node whose disk has lost something neither votes nor leads, and nothing counts on it; and
  /// whoever lets somebody in has written down that it did.
  func checkSilence(
    of node: Int,
    _ message: RaftMessage,
    to recipient: Member
  ) throws(Violation) {
    if case .remembered(_, let start, isMore: false) = message {
      try checkMemory(of: node, start, recipient)
    }
    // Whoever lost something may say so, too: it stays true.
    if case .configurationCommitted(_, _, let index) = message {
      try checker.checkConfiguration(at: index, saidBy: node)
    }
    guard watchesLosses, let loss = nodes[node].loss, message.isCounted else { return }
    throw .safety(
      loss.fault.promise,
      "\(nodes[node].member.id) has lost what it had, and says \(message.name)"
    )
  }

  private func checkMemory(
    of node: Int,
    _ start: Showing.Start,
    _ member: Member
  ) throws(Violation) {
    // Whoever is not a member yet, or no longer, need not be remembered.
    guard checker.configurations.count == 1 else { return }
    let memory = checker.ledgers[node].durable.memory.first { $0.member == member }
    guard let memory, memory.boot >= start.boot else {
      throw .safety(
        "D15",
        "\(nodes[node].member.id) lets \(member.id) in, and has not written down that it started"
      )
    }
  }

  /// Old answers reach a node that has lost what it had, as if they were about its new start (N8).
  func remindOfAnswers(_ node: Int) {
    guard !isCalm else { return }
    let hasHoles = nodes[node].process?.replica.core.status.repair != nil
    let aboutStart = nodes[node].loss == nil ? [] : network.startAnswers[node]
    let aboutHoles = hasHoles ? network.lossAnswers[node] : []
    for frame in aboutStart + aboutHoles where random.oneIn(2) {
      faults.count(.replay)
      queue.schedule(.peerFrame(frame), at: now + random.number(in: 100..<20_000))
    }
  }
}

extension DiskCopy {
  /// Whether somebody remembers more of the node than a start from this copy can show.
  ///
  /// That others know of a later start says little: a copy may be started as often before anybody
  /// looks at it. Not so without the count, as then the journal has to go on behind that start.
  fileprivate func isLess(than showing: Showing, isBootless: Bool) -> Bool {
    showing.position > ledger.lastPosition
      || isBootless && showing.boot > boot && showing.start >= ledger.lastPosition
  }
}

extension SafetyChecker {
  /// A node has come back as another member, and its disk holds nothing that counts for that.
  mutating func comesBack(_ node: Int, as member: Member) {
    former.append((members[node], ledgers[node]))
    lost(node, leaving: NodeLedger())
    ledgers[node] = NodeLedger()
    members[node] = member
    memberWatch.comesBack(node, as: member)
  }

  /// A node's folder was made anew, and holds these records.
  mutating func wiped(_ node: Int, leaving records: [RaftRecord]) throws(Violation) {
    lost(node, leaving: NodeLedger())
    for record in records { try wrote(record, by: node, isLeader: false) }
    synced(through: UInt64(records.count), by: node)
  }
}

extension RaftMessage {
  /// Whether others may build on it: votes, acknowledgements, and what leaders say.
  fileprivate var isCounted: Bool {
    switch self {
    case .requestPreVote, .preVoteAnswer(_, isGranted: true), .requestVote,
      .voteAnswer(_, isGranted: true), .appendEntries, .appendAccepted, .heartbeat,
      .heartbeatAnswer, .commitAdvanced, .timeoutNow, .readIndexAnswer, .installSnapshot, .logEnds:
      true
    case .preVoteAnswer, .voteAnswer, .appendRejected, .requestReadIndex, .termPassed,
      .snapshotWanted, .removed, .present, .remembered, .appendStored, .askEnd, .wantEntries,
      .entriesEnding, .replaceMe, .replaced, .configurationCommitted:
      false
    }
  }
}
