extension FaultRecipe {
  /// Made for bugs that were planted on purpose: few faults, often, at the moment that hurts.
  static let convictions = [
    FaultRecipe(
      name: "power-cuts",
      summary: "all nodes are killed at once, every three seconds: what no disk has is lost",
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
      name: "forgetful-elections",
      summary: "late messages, a leader alone and voters restarted while a term has two candidates",
      shape: .rounds(
        [
          Step(at: 0, lasts: 3_000, kind: .linkDelay),
          Step(at: 300, lasts: 900, kind: .killLeader),
          Step(at: 700, lasts: 700, kind: .partitionFlapping),
          Step(at: 500, lasts: 1_400, kind: .restartStorm, place: 1),
        ],
        length: 3_500
      )
    ),
  ]
}
