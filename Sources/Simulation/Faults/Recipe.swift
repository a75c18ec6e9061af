import Consensus

/// Combinations of faults that have found bugs in other systems: the numbers are those of
/// docs/catalogue.md.
enum Recipe {
  /// A fault of a recipe, and how long after its beginning it strikes.
  struct Step {
    let kind: FaultKind
    let after: UInt64
    var aim = FaultStrike.Aim.anybody
  }

  /// The faults of a recipe against this leader and another node.
  static func steps(
    of kind: FaultKind,
    leader: Int,
    other: Int,
    _ random: inout RandomSource
  ) -> [Step] {
    switch kind {
    case .churn: churn(&random)
    case .staleLeader: [Step(kind: .pauseAfterRead, after: 0, aim: .node(leader))]
    case .crashUnderLoad:
      [
        Step(kind: .flood, after: 0),
        Step(
          kind: [.powerCut, .killInTurn, .cutAtDiskCall, .syncError][random.number(below: 4)],
          after: random.number(in: 20_000..<250_000),
          aim: .node(leader)
        ),
      ]
    case .powerCutAndPause:
      [
        Step(kind: .flood, after: 0),
        Step(kind: .pause, after: random.number(in: 10_000..<200_000), aim: .node(leader)),
        Step(kind: .powerCut, after: random.number(in: 10_000..<200_000), aim: .node(other)),
      ]
    case .swizzleAndRestarts:
      [Step(kind: .swizzle, after: 0)]
        + (0..<3).map { _ in
          Step(
            kind: random.oneIn(2) ? .powerCut : .kill,
            after: random.number(in: 100_000..<4_000_000)
          )
        }
    case .longPartition: longPartition(leader: leader, &random)
    case .crashInInstall:
      [Step(kind: .longCut, after: 0, aim: .node(other))]
        + (0..<3).map { _ in
          Step(kind: .flood, after: random.number(in: 0..<FaultStrike.longMicroseconds))
        }
    default: []
    }
  }

  /// Partition × kill × pause (1).
  private static func churn(_ random: inout RandomSource) -> [Step] {
    (0..<9).map { turn in
      Step(
        kind: [.partition, .kill, .pause][turn % 3],
        after: UInt64(turn) * 800_000 + random.number(in: 0..<800_000)
      )
    }
  }

  /// A leader alone for long, many writes elsewhere, then everybody together again and at once
  /// another leader (10).
  private static func longPartition(leader: Int, _ random: inout RandomSource) -> [Step] {
    let length = FaultStrike.longMicroseconds
    let floods = (0..<3).map { _ in
      Step(kind: .flood, after: random.number(in: 0..<length))
    }
    return [Step(kind: .longCut, after: 0, aim: .node(leader))] + floods
      + [Step(kind: .transfer, after: length + random.number(in: 0..<50_000))]
  }
}
