import Consensus

/// What a run does; everything else comes from the seed.
package struct ByzantinePlan: Sendable {
  /// Where everything comes from.
  package var seed: UInt64
  /// How many replicas there are.
  package var replicas = 4
  /// How many of them lie.
  package var liars = 0
  /// Whether the honest ones lose their power now and then.
  package var crashes = true
  var lossPercent = 5
  /// Quanta of trouble, and the most quanta until everything is well again.
  var troubledQuanta = 400
  var healingQuanta = 20_000
  var requests = 24

  /// A plan of one's own.
  package init(seed: UInt64, replicas: Int = 4, liars: Int = 0, crashes: Bool = true) {
    self.seed = seed
    self.replicas = replicas
    self.liars = liars
    self.crashes = crashes
  }

  /// What a seed comes to: in half of the runs as many lie as may.
  package init(seed: UInt64, nodes: Int?) {
    var random = RandomSource(seed: seed ^ 0xB42A_9713_E55A_11CE)
    let drawn = random.oneIn(20) ? 1 : random.oneIn(3) ? 7 : 4
    let replicas = nodes ?? drawn
    let lies = random.chance(percent: 50)
    let crashes = random.chance(percent: 75)
    self.init(
      seed: seed,
      replicas: replicas,
      liars: lies ? (replicas - 1) / 3 : 0,
      crashes: crashes
    )
    lossPercent = random.number(below: 12)
  }
}
