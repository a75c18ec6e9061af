import Consensus
import Storage

// Named combinations of faults.
extension SimulatedCluster {
  /// A recipe is begun: its steps strike one after the other, all under its number.
  func cook(_ strike: FaultStrike) throws(Violation) {
    guard nodes.count > 1, let leader, strike.kind != .isolatedChange || hasJoiners else { return }
    faults.count(strike.kind)
    switch strike.kind {
    case .isolatedChange: isolateForChange(leader, strike)
    case .swappedDisks: try swapDisks(leader)
    case .restartsWhenFull: restartInTurn(strike)
    case .brokenTopology: breakTopology(of: leader)
    case .crashInSnapshot:
      nodes[victim()].endsInSnapshot = strikeRandom.oneIn(2) ? .kill : .powerCut
      follow(strike, .flood, after: 0, .anybody)
    case .retryStorm: startRetryStorm(strike)
    default:
      let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
      if strike.kind == .crashInInstall { installCrashes = 2 }
      let steps = Recipe.steps(of: strike.kind, leader: leader, other: other, &strikeRandom)
      for step in steps { follow(strike, step.kind, after: step.after, step.aim) }
      if strike.kind == .churn { churnMembers(strike) }
    }
  }

  /// Another strike follows a first one, and is left out with it.
  func follow(
    _ first: FaultStrike,
    _ kind: FaultKind,
    after delay: UInt64,
    _ aim: FaultStrike.Aim
  ) {
    let strike = FaultStrike(
      number: first.number,
      kind: kind,
      time: now + delay,
      random: strikeRandom.fork(),
      aim: aim
    )
    queue.schedule(.strike(strike), at: strike.time)
  }

  /// For a hundred election timeouts some pairs cannot talk, and one node can talk to a quorum;
  /// or one that does not lead can talk to all, and nobody else to anybody (Howard and Abraham).
  private func breakTopology(of leader: Int) {
    let isStar = strikeRandom.oneIn(3)
    let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
    let center = isStar ? other : strikeRandom.number(below: nodes.count)
    var friends = isStar ? nodes.count - 1 : checker.quorum - 1
    var links: [LinkCut] = []
    for from in nodes.indices {
      for to in from + 1..<nodes.count {
        let isFriend = (from == center || to == center) && friends > 0
        if isFriend { friends -= 1 }
        guard !isFriend, isStar || strikeRandom.chance(percent: 60) else { continue }
        links += [LinkCut(from: from, to: to), LinkCut(from: to, to: from)]
      }
    }
    cut(links, .partialCut, for: FaultStrike.longMicroseconds)
  }

  private func startRetryStorm(_ strike: FaultStrike) {
    letSessionsIdle(Array(clients.indices), strike)
    let timeout = min(setup.configuration.sessionTimeoutMicroseconds, 15_000_000)
    for client in clients.indices {
      clients[client].isHastyUntil = now + timeout + 1_500_000
    }
  }

  /// Members change while everything else does (1).
  private func churnMembers(_ strike: FaultStrike) {
    for _ in 0..<6 {
      follow(strike, .memberChange, after: strikeRandom.number(in: 0..<7_200_000), .anybody)
    }
  }

  /// A leader is cut off and asked for changes, before it knows that it leads nobody any more and
  /// later; so is its successor; and both again when they meet (2).
  private func isolateForChange(_ leader: Int, _ strike: FaultStrike) {
    let length = strikeRandom.number(in: 500_000..<4_000_000)
    cut(links(around: leader), .longCut, for: length)
    let early = strikeRandom.number(in: 0..<250_000)
    let late = strikeRandom.number(in: 0..<length)
    let after = length + strikeRandom.number(in: 0..<100_000)
    follow(strike, .memberChange, after: 0, .node(leader))
    for time in [early, late, after] {
      follow(strike, .memberChange, after: time, .node(leader))
      follow(strike, .memberChange, after: time, .leader)
    }
  }

  /// Two nodes come up with each other's disks; neither may start on what is not its own (P9), and
  /// what they have found does not suffer from it (9).
  private func swapDisks(_ leader: Int) throws(Violation) {
    let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
    let pair = strikeRandom.oneIn(2) ? [leader, other] : [other, leader]
    for node in pair { crash(node, by: .kill, losesPower: false) }
    guard pair.allSatisfy({ nodes[$0].process == nil && !nodes[$0].isOut }) else { return }
    for node in pair { nodes[node].recoversUntilCall = nil }
    nodes.swapDisks(of: leader, and: other)
    defer { nodes.swapDisks(of: leader, and: other) }
    for node in pair {
      guard case .refused = nodes[node].tryStart(setup, at: now) else {
        throw .safety("P9", "\(nodes[node].member.id) starts on another node's disk")
      }
    }
  }

  /// Hardly any space is left anywhere, clients write, and all nodes are restarted in turn (11).
  private func restartInTurn(_ strike: FaultStrike) {
    let gap = strikeRandom.number(in: 200_000..<1_000_000)
    let length = gap * UInt64(nodes.count + 1)
    for node in nodes.indices {
      let id = begin(.fullDisk, .fullDisk(node: node), nodes: [node], for: length)
      nodes[node].fullBy = id
      let segment = setup.journal.segmentSizeBytes
      nodes[node].disk.setFreeBytes(strikeRandom.number(below: segment / 2))
      follow(strike, .kill, after: gap * UInt64(node + 1), .node(node))
    }
    follow(strike, .flood, after: 0, .anybody)
  }
}
