import Consensus

/// A long Twins scenario by chance, and then peace: all of it comes from the seed.
package struct TwinsSample: Sendable {
  /// The rounds of the scenario.
  package let rounds: [TwinsRound]
  /// Who has a twin.
  package let liars: [Int]
  private let replicas: Int

  /// The scenario of a seed: f replicas, the first primaries more often than others, have twins.
  package init(seed: UInt64, replicas: Int, depth: Int) {
    var random = RandomSource(seed: seed)
    let faults = (replicas - 1) / 3
    var liars: [Int] = []
    while liars.count < faults {
      let liar = random.number(below: random.oneIn(2) ? 3 : replicas)
      if !liars.contains(liar) { liars.append(liar) }
    }
    self.liars = liars.sorted()
    self.replicas = replicas
    rounds = (0..<depth).map { _ in Self.round(of: replicas + faults, &random) }
  }

  private static func round(of count: Int, _ random: inout RandomSource) -> TwinsRound {
    let sidesCount = random.number(below: 3) + 1
    // A side that is larger than the others is where anything happens.
    let sides = (0..<count).map { _ in
      random.oneIn(3) ? UInt8(random.number(below: sidesCount)) : 0
    }
    let hops = random.oneIn(3) ? 9 : random.number(below: 4) + 1
    let impatient = random.oneIn(2) ? 0 : UInt8(random.number(below: 7) + 1)
    return TwinsRound(sides: sides, hops: hops, impatient: impatient)
  }

  /// Plays it, then connects everybody; the world that it ends in.
  package func play() -> TwinsWorld {
    var world = TwinsWorld(replicas: replicas, liars: liars)
    for round in rounds where world.judge.problem == nil { world.play(round) }
    if world.judge.problem == nil { world.heal() }
    return world
  }
}
