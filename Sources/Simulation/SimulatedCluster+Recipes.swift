import Consensus

// Named combinations of faults.
extension SimulatedCluster {
  /// A recipe is begun: its steps strike one after the other, all under its number.
  func cook(_ strike: FaultStrike) {
    guard nodes.count > 1, let leader else { return }
    faults.count(strike.kind)
    switch strike.kind {
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
}
