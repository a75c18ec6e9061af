import JepsenHarness

/// How a demo breaks its cluster by itself.
enum DemoChaos: String, CaseIterable {
  case off, gentle, wild

  /// A plan lasts so long; another one follows.
  static let planSeconds = 60

  /// What happens; faults of different lanes overlap.
  ///
  /// In mode `bft` a primary can name only the next, and a sealed link that loses or doubles
  /// anything is broken. Wrong clocks need libfaketime, and nobody has to have that for a demo.
  func kinds(in mode: ClusterMode, hasClocks: Bool) -> [FaultKind] {
    guard mode == .bft else { return kinds.filter { hasClocks || $0.lane != .clock } }
    return kinds.filter {
      $0.lane == .process && $0 != .transferLeader || $0.lane == .partition || $0 == .linkDelay
    }
  }

  private var kinds: [FaultKind] {
    switch self {
    case .off: []
    case .gentle: [.kill, .pause, .transferLeader, .partitionHalves]
    case .wild:
      [
        .kill, .killLeader, .pauseLeader, .powerLoss, .restartStorm, .partitionLeader,
        .partitionHalves, .partitionOneWay, .partitionRandom, .partitionFlapping, .linkDelay,
        .linkLoss, .linkDuplicate, .linkReplay, .clockJump, .clockRate,
      ]
    }
  }
}
