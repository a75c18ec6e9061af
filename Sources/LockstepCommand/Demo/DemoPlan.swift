import JepsenHarness

/// What a demo needs besides its nodes.
struct DemoPlan: Sendable {
  /// How it breaks its cluster by itself.
  let chaos: DemoChaos
  /// Chance: the same seed gives the same faults, and the same choices of each client.
  let seed: UInt64
  /// Whether there are clients whose answers can be judged.
  let isRecorded: Bool
  /// Whether links between nodes can be cut.
  let hasNetwork: Bool

  /// A prompt may ask for everything; a script is known beforehand.
  init(chaos: DemoChaos, script: DemoScript?, isPrompt: Bool, seed: UInt64) {
    self.chaos = chaos
    self.seed = seed
    let orders = script?.lines.map(\.order) ?? []
    let isAlive = isPrompt || chaos != .off
    isRecorded = isAlive || orders.contains { [.check, .lie].contains($0) }
    let isParted = orders.contains { order in
      if case .partition = order { true } else { false }
    }
    hasNetwork = isAlive || isParted
  }

  /// Whether anything is left to chance.
  var hasChance: Bool { isRecorded || hasNetwork }

  /// The faults of chaos: one schedule follows the other.
  func faults(_ number: UInt64, in mode: ClusterMode, nodes: Int) -> FaultPlan {
    FaultPlan(
      seed: seed &+ number,
      kinds: chaos.kinds(in: mode, hasClocks: Nemesis.canBendClocks),
      nodes: nodes,
      seconds: DemoChaos.planSeconds
    )
  }
}
