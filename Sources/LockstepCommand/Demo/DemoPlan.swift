/// What a demo needs besides its nodes.
struct DemoPlan {
  /// How it breaks its cluster by itself.
  let chaos: DemoChaos
  /// Whether there are clients whose answers can be judged.
  let isRecorded: Bool
  /// Whether links between nodes can be cut.
  let hasNetwork: Bool

  /// A prompt may ask for everything; a script is known beforehand.
  init(chaos: DemoChaos, script: DemoScript?, isPrompt: Bool) {
    self.chaos = chaos
    let orders = script?.lines.map(\.order) ?? []
    let isAlive = isPrompt || chaos != .off
    isRecorded = isAlive || orders.contains { [.check, .lie].contains($0) }
    let isParted = orders.contains { order in
      if case .partition = order { true } else { false }
    }
    hasNetwork = isAlive || isParted
  }
}
