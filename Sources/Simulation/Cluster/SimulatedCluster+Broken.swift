import Consensus
import Raft
import Replication

// What is left broken when the faults stop, or breaks for good later: the others must do without.
extension SimulatedCluster {
  /// The nodes that are well when the faults stop: all, or a random quorum at least.
  func drawCore() -> [Int] {
    var core = nodes.indices.filter { !nodes[$0].isOut }
    guard !hasJoiners else { return Array(nodes.indices) }
    // All who can are needed to take back those who have lost something, or to make them good.
    guard !hasLosses, !nodes.contains(where: \.isRotten) else { return core }
    guard !random.oneIn(3), !options.withoutWeather.contains(.leftBroken) else { return core }
    let size = checker.quorum + random.number(below: core.count - checker.quorum + 1)
    while core.count > size { core.remove(at: random.number(below: core.count)) }
    return core
  }

  /// Where everybody was needed when the faults stopped, or was well by chance, some voters mostly
  /// break for good once all is well again; a quorum is left.
  ///
  /// - Returns: How much longer than usual the others may take to elect a leader; nil if nothing
  ///   breaks.
  func breakSome() -> UInt64? {
    guard !hasBrokenSome, !options.withoutWeather.contains(.leftBroken) else { return nil }
    hasBrokenSome = true
    guard core.count == nodes.count || hasJoiners, !random.oneIn(4), let voters = wholeVoters
    else { return nil }
    let most = (voters.count - 1) / 2
    guard most > 0 else { return nil }
    var others = voters
    for _ in 0..<1 + random.number(below: most) {
      broken.append(others.remove(at: random.number(below: others.count)))
    }
    core.removeAll(where: broken.contains)
    return broken.map(leaveBroken).reduce(0, +)
  }

  /// The voters, if nothing that was lost or damaged is still to be made good with anybody's help,
  /// and no change of them is under way.
  private var wholeVoters: [Int]? {
    guard let leader, let configuration = nodes[leader].process?.replica.core.configuration,
      !configuration.isJoint, configuration.learners.isEmpty,
      checker.newestConfigurations.count == 1
    else { return nil }
    let voters = nodes.indices.filter { configuration.seat(of: nodes[$0].member) != nil }
    guard voters.count == configuration.seats.count, voters.allSatisfy(isWhole) else { return nil }
    return voters
  }

  private func isWhole(_ node: Int) -> Bool {
    let known = nodes[node]
    guard !known.isOut, known.loss == nil, known.wasAdmitted, !known.mayLackEnd, !known.mayRefuse,
      known.process?.replica.core.core.status.repair == nil, known.process != nil
    else { return false }
    return !known.isRotten || (known.disk.isReadable && remains(of: node).isWhole)
  }

  /// Breaks a node for good.
  ///
  /// - Returns: How much longer the others may take to elect a leader.
  func leaveBroken(_ node: Int) -> UInt64 {
    guard !nodes[node].isOut else { return 0 }
    let first = episodes.count
    defer {
      if first < episodes.count { faults.count(.leftBroken, withEpisode: first) }
    }
    let others = nodes.indices.filter { $0 != node }
    let incoming = others.map { LinkCut(from: $0, to: node) }
    let outgoing = others.map { LinkCut(from: node, to: $0) }
    switch random.number(below: 9) {
    case 0:
      nodes[node].isOut = true
      faults.count(.leftBroken)
      crash(node, by: .kill, losesPower: true)
    case 1: stop(node, .pause, for: Self.forGood)
    case 2: cutForGood(incoming + outgoing)
    case 3: cutForGood(incoming)
    case 4: cutForGood(outgoing)
    case 5: slowDown(node, minMicroseconds: random.number(in: 20_000..<60_000))
    case 6:
      slowDown(node, minMicroseconds: 3_600_000_000)
      // A leader with a hung disk waits for it before it gives up.
      return setup.raft.diskBudgetMicroseconds
    case 7:
      let change = FaultEpisode.Change.slowNode(node: node)
      nodes[node].sluggishness = (100, begin(.slowNode, change, nodes: [node], for: Self.forGood))
    default:
      let change = FaultEpisode.Change.fullDisk(node: node)
      nodes[node].fullBy = begin(.fullDisk, change, nodes: [node], for: Self.forGood)
      nodes[node].disk.setFreeBytes(0)
    }
    return 0
  }

  // MARK: Helpers

  private func cutForGood(_ links: [LinkCut]) {
    cut(links, .oneWayCut, for: Self.forGood)
  }

  private func slowDown(_ node: Int, minMicroseconds: UInt64) {
    let id = begin(.slowDisk, .slowDisk(node: node), nodes: [node], for: Self.forGood)
    nodes[node].slowness = (minMicroseconds, id)
  }

  private static let forGood: UInt64 = .max / 2
}
