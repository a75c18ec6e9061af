import JepsenHarness

/// How a demo breaks its cluster by itself.
enum DemoChaos: String, CaseIterable {
  case off, gentle, wild

  /// A plan lasts so long; another one follows.
  static let planSeconds = 60

  /// What happens; faults of different lanes overlap.
  var kinds: [FaultKind] {
    switch self {
    case .off: []
    case .gentle: [.kill, .pause, .transferLeader, .partitionHalves]
    case .wild:
      [
        .kill, .killLeader, .pauseLeader, .powerLoss, .restartStorm, .partitionLeader,
        .partitionHalves, .partitionOneWay, .partitionRandom, .partitionFlapping, .linkDelay,
        .linkLoss, .linkDuplicate, .linkReplay,
      ]
    }
  }
}
