import Consensus

/// One direction of a link that a fault cuts.
struct LinkCut {
  let from: Int
  let to: Int

  /// What a fault of this kind cuts, drawn from chance.
  static func links(
    of kind: FaultKind,
    nodeCount: Int,
    around victim: Int,
    _ random: inout RandomSource
  ) -> [LinkCut] {
    switch kind {
    case .oneWayCut: oneWay(nodeCount, victim, &random)
    case .partialCut: partial(nodeCount, &random)
    default: twoGroups(nodeCount, victim, &random)
    }
  }

  /// Two groups that do not hear each other; in a third of cases one node is alone.
  private static func twoGroups(
    _ nodeCount: Int,
    _ victim: Int,
    _ random: inout RandomSource
  ) -> [LinkCut] {
    var isLeft = [Bool](repeating: false, count: nodeCount)
    isLeft[victim] = true
    if !random.oneIn(3) {
      for node in 0..<nodeCount where node != victim { isLeft[node] = random.oneIn(2) }
    }
    return all(nodeCount) { isLeft[$0] != isLeft[$1] }
  }

  /// A node that is heard and hears nothing, or the other way round, or one link one way.
  private static func oneWay(
    _ nodeCount: Int,
    _ victim: Int,
    _ random: inout RandomSource
  ) -> [LinkCut] {
    let other = (victim + 1 + random.number(below: nodeCount - 1)) % nodeCount
    return switch random.number(below: 3) {
    case 0: all(nodeCount) { from, _ in from == victim }
    case 1: all(nodeCount) { _, to in to == victim }
    default: [LinkCut(from: victim, to: other)]
    }
  }

  /// Some pairs, both ways: chains, rings, bridges and stars among them.
  private static func partial(_ nodeCount: Int, _ random: inout RandomSource) -> [LinkCut] {
    var links: [LinkCut] = []
    for from in 0..<nodeCount {
      for to in from + 1..<nodeCount where random.chance(percent: 40) {
        links.append(LinkCut(from: from, to: to))
        links.append(LinkCut(from: to, to: from))
      }
    }
    return links
  }

  private static func all(_ nodeCount: Int, where isCut: (Int, Int) -> Bool) -> [LinkCut] {
    (0..<nodeCount).flatMap { from in
      (0..<nodeCount).filter { $0 != from && isCut(from, $0) }.map {
        LinkCut(from: from, to: $0)
      }
    }
  }
}
