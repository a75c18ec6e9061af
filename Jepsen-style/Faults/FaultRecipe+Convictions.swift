extension FaultRecipe {
  /// Made for bugs that were planted on purpose: few faults, often, at the moment that hurts.
  static let convictions = [
    FaultRecipe(
      name: "power-cuts",
      summary:
        "all nodes are killed at once, every three seconds: what the kernel was handed stays",
      shape: .rounds([Step(at: 1_500, lasts: 200, kind: .powerLoss)], length: 3_000)
    ),
    FaultRecipe(
      name: "deposed-unawares",
      summary: "the leader is cut off and stopped, and goes on where it hears of no other yet",
      shape: .rounds(
        [
          Step(at: 600, lasts: 1_300, kind: .partitionLeader),
          Step(at: 601, lasts: 650, kind: .pauseLeader),
        ],
        length: 3_000
      )
    ),
    FaultRecipe(
      name: "leader-kills",
      summary: "the leader is killed amid answers, every two seconds, and clients ask again",
      shape: .rounds([Step(at: 900, lasts: 300, kind: .killLeader)], length: 2_000)
    ),
    FaultRecipe(
      name: "kingmaker",
      summary: "two who do not hear each other stand before a third, which starts again and again",
      shape: .rounds(
        [
          Step(at: 0, lasts: 3_000, kind: .linkDelay),
          Step(at: 200, lasts: 2_600, kind: .partitionBridge),
          Step(at: 400, lasts: 2_200, kind: .restartStorm),
        ],
        length: 3_300
      )
    ),
  ]
}
