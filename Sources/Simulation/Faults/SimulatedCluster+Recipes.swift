import Consensus
import Storage

// Named combinations of faults.
extension SimulatedCluster {
  /// A recipe is begun: its steps strike one after the other, all under its number.
  ///
  /// It counts when the last one does.
  func cook(_ strike: FaultStrike) throws(Violation) {
    guard nodes.count > 1, let leader, strike.kind != .isolatedChange || hasJoiners else { return }
    switch strike.kind {
    case .isolatedChange: isolateForChange(leader, strike)
    case .swappedDisks: try swapDisks(leader)
    case .restartsWhenFull: restartInTurn(strike)
    case .brokenTopology: breakTopology(of: leader)
    case .crashInSnapshot:
      nodes[victim()].endsInSnapshot = strikeRandom.oneIn(2) ? .kill : .powerCut
      follow(strike, .flood, after: 0, .anybody)
    case .retryStorm: startRetryStorm(strike)
    case .corruptThenLead: corruptThenLead(besides: leader, strike)
    default:
      let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
      if strike.kind == .crashInInstall { installCrashes = 2 }
      let steps = Recipe.steps(of: strike.kind, leader: leader, other: other, &strikeRandom)
      let last = steps.indices.max { steps[$0].after < steps[$1].after }
      for (place, step) in steps.enumerated() {
        // Two crashes in the middle of an install, where it is in need of one, complete that.
        let isLast = place == last && strike.kind != .crashInInstall
        follow(strike, step.kind, after: step.after, step.aim, isLast: isLast)
      }
      if strike.kind == .churn { churnMembers(strike) }
    }
  }

  /// Another strike follows a first one, and is left out with it.
  func follow(
    _ first: FaultStrike,
    _ kind: FaultKind,
    after delay: UInt64,
    _ aim: FaultStrike.Aim,
    isLast: Bool = false
  ) {
    let strike = FaultStrike(
      number: first.number,
      kind: kind,
      time: now + delay,
      random: strikeRandom.fork(),
      aim: aim,
      completes: isLast ? first.kind : nil
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
    cut(links, .brokenTopology, for: FaultStrike.longMicroseconds)
  }

  private func startRetryStorm(_ strike: FaultStrike) {
    letSessionsIdle(Array(clients.indices), strike)
    let timeout = min(setup.configuration.sessionTimeoutMicroseconds, 15_000_000)
    for client in clients.indices {
      clients[client].isHastyUntil = now + timeout + 1_500_000
    }
    follow(strike, .flood, after: timeout, .anybody, isLast: true)
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
      follow(strike, .memberChange, after: time, .leader, isLast: time == after)
    }
  }

  /// Two nodes come up with each other's disks; neither may start on what is not its own (P9), and
  /// what they have found does not suffer from it (9).
  private func swapDisks(_ leader: Int) throws(Violation) {
    let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
    let pair = strikeRandom.oneIn(2) ? [leader, other] : [other, leader]
    for node in pair { crash(node, by: .kill, losesPower: false) }
    guard pair.allSatisfy({ nodes[$0].process == nil && !nodes[$0].isOut }) else { return }
    faults.count(.swappedDisks)
    for node in pair { nodes[node].recoversUntilCall = nil }
    nodes.swapDisks(of: leader, and: other)
    defer { nodes.swapDisks(of: leader, and: other) }
    for node in pair {
      guard case .refused = nodes[node].tryStart(setup, at: now) else {
        throw .safety("P9", "\(nodes[node].member.id) starts on another node's disk")
      }
    }
  }

  /// A follower's journal rots, while it runs or before it starts again, and then it is asked to
  /// lead, early and late in its repair (8).
  private func corruptThenLead(besides leader: Int, _ strike: FaultStrike) {
    let other = (leader + 1 + strikeRandom.number(below: nodes.count - 1)) % nodes.count
    guard rot(other) else { return }
    if strikeRandom.oneIn(2) { crash(other, by: .kill, losesPower: false) }
    follow(strike, .flood, after: 0, .anybody)
    var delay: UInt64 = 0
    for turn in 0..<3 {
      delay += strikeRandom.number(in: 100_000..<1_000_000)
      follow(strike, .transfer, after: delay, .node(other), isLast: turn == 2)
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
      let isLast = node == nodes.count - 1
      follow(strike, .kill, after: gap * UInt64(node + 1), .node(node), isLast: isLast)
    }
    follow(strike, .flood, after: 0, .anybody)
  }
}
