import Raft

// From one world to the next.
extension Explorer {
  /// Takes one step out of the world being explored.
  mutating func take(_ action: WorldAction) {
    guard violation == nil else { return }
    let old = world.nodes[action.node]
    let stepNumber = nodes.step(of: old, action)
    let step = nodes.steps[stepNumber]
    let used = world.used.after(action)
    transitions += 1
    findArrivals(of: step, used)
    // Where nothing changes but the account, there is less to come than there was before.
    guard step.node != old || !arrivals.isEmpty || step.isViolation else { return }
    findDead(after: step, at: action.node, used)
    do throws(WorldViolation) {
      if step.isViolation { throw nodes.violation(ofStep: stepNumber) }
      successor.history = try history(after: step, at: action.node)
      let fingerprint = fingerprint(after: step, at: action.node, used)
      guard seen.insert(fingerprint) else { return }
      parents.append(UInt32(number))
      actions.append(action.packed)
      enterSuccessor(after: step, at: action.node, used)
      try judgeSuccessor()
    } catch {
      violation = (error, by: action)
      return
    }
    mark(step, action)
    next.append(successor)
  }

  /// The messages that leave in a step, unless they did before or nobody will take notice.
  private mutating func findArrivals(of step: NodeTable.Step, _ used: WorldAccount) {
    arrivals.removeAll(keepingCapacity: true)
    for place in step.sent {
      let message = nodes.sent[place]
      guard !world.messages.contains(message), !arrivals.contains(message) else { continue }
      let item = nodes.messages.items[message]
      let recipient = nodes.facts[world.nodes[item.recipient]]
      if isLost(item) || item.isDead(at: recipient, left: used.left(of: bounds)) { continue }
      arrivals.append(message)
    }
  }

  private func isLost(_ item: MessageItem) -> Bool {
    switch item.message {
    case .heartbeat: bounds.lost != .none
    case .commitAdvanced: bounds.lost == .news
    case .requestPreVote, .preVoteAnswer, .requestVote, .voteAnswer, .appendEntries,
      .appendAccepted, .appendRejected, .heartbeatAnswer, .timeoutNow, .requestReadIndex,
      .readIndexAnswer, .termPassed, .installSnapshot, .snapshotWanted, .removed, .present,
      .remembered, .appendStored, .askEnd, .logEnds, .configurationCommitted, .wantEntries,
      .entriesEnding, .replaceMe, .replaced:
      false
    }
  }

  /// The messages of which nobody will take notice any more.
  private mutating func findDead(
    after step: NodeTable.Step,
    at place: Int,
    _ used: WorldAccount
  ) {
    dead.removeAll(keepingCapacity: true)
    let left = used.left(of: bounds)
    let isUpToAll = used != world.used
    for message in world.messages {
      let item = nodes.messages.items[message]
      guard isUpToAll || item.recipient == place else { continue }
      let node = item.recipient == place ? step.node : world.nodes[item.recipient]
      if item.isDead(at: nodes.facts[node], left: left) { dead.append(message) }
    }
  }

  private mutating func history(
    after step: NodeTable.Step,
    at place: Int
  ) throws(WorldViolation) -> Int {
    let old = histories.items[world.history]
    var history = old
    try history.add(nodes.facts[step.node], of: place)
    return history == old ? world.history : histories.number(history)
  }

  // MARK: Fingerprints

  /// Adds up what the world being explored consists of.
  mutating func sumUp() {
    let count = Renaming.all.count
    for renaming in 0..<count {
      var sum = histories.fingerprints[count * world.history + renaming]
      for node in world.nodes { sum &+= nodes.fingerprints[count * node + renaming] }
      for message in world.messages {
        sum &+= nodes.messages.fingerprints[count * message + renaming]
      }
      sums[renaming] = sum
    }
  }

  /// The least of the fingerprints under all renamings: equal for worlds equal but for names.
  private func fingerprint(
    after step: NodeTable.Step,
    at place: Int,
    _ used: WorldAccount
  ) -> UInt64 {
    let count = Renaming.all.count
    var sums = sums
    for renaming in 0..<count {
      var sum = sums[renaming]
      sum &-= nodes.fingerprints[count * world.nodes[place] + renaming]
      sum &+= nodes.fingerprints[count * step.node + renaming]
      sum &-= histories.fingerprints[count * world.history + renaming]
      sum &+= histories.fingerprints[count * successor.history + renaming]
      for message in arrivals { sum &+= nodes.messages.fingerprints[count * message + renaming] }
      for message in dead { sum &-= nodes.messages.fingerprints[count * message + renaming] }
      sums[renaming] = sum
    }
    return fingerprint(of: sums, used)
  }

  func fingerprint(of sums: [UInt64], _ used: WorldAccount) -> UInt64 {
    let account = Fingerprint.mixed(UInt64(used.packed))
    var least = UInt64.max
    for sum in sums { least = min(least, Fingerprint.mixed(sum &+ account)) }
    return least
  }

  // MARK: The successor

  private mutating func enterSuccessor(
    after step: NodeTable.Step,
    at place: Int,
    _ used: WorldAccount
  ) {
    for place in 0..<SmallCluster.size { successor.nodes[place] = world.nodes[place] }
    successor.nodes[place] = step.node
    successor.used = used
    successor.messages.removeAll(keepingCapacity: true)
    for message in world.messages where !dead.contains(message) {
      successor.messages.append(message)
    }
    successor.messages += arrivals
  }

  private func judgeSuccessor() throws(WorldViolation) {
    let judge = WorldJudge(
      nodes: successor.nodes.map { nodes.facts[$0] },
      history: histories.items[successor.history]
    )
    try judge.judge()
  }

  private mutating func mark(_ step: NodeTable.Step, _ action: WorldAction) {
    let before = nodes.facts[world.nodes[action.node]]
    var found = WorldMark.marks(
      of: successor.nodes.map { nodes.facts[$0] },
      histories.items[successor.history]
    )
    if step.isTruncation { found.append(.truncation) }
    if action.kind == .crash {
      if before.isLeader { found.append(.leaderCrash) }
      if action.argument < before.unsyncedCount { found.append(.recordsLost) }
    }
    for mark in found { marks[mark.rawValue] += 1 }
  }
}
