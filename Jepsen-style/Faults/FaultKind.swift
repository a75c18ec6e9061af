/// One kind of fault, by the name that is used on the command line.
package enum FaultKind: String, CaseIterable, Sendable {
  /// One node is killed (SIGKILL) and started again at the end.
  case kill
  /// Whoever leads is killed.
  case killLeader = "kill-leader"
  /// The fewest nodes without which there is no majority are killed.
  case killMajority = "kill-majority"
  /// All nodes are killed at one moment.
  case powerLoss = "power-loss"
  /// One node is stopped (SIGSTOP) and goes on at the end.
  case pause
  /// Whoever leads is stopped.
  case pauseLeader = "pause-leader"
  /// One node is killed and started again and again, every 50 to 500 ms.
  case restartStorm = "restart-storm"
  /// One node after the other is asked to end and started again, as another build if there is a
  /// mix of them.
  case rollingRestart = "rolling-restart"
  /// Leadership is handed to a node.
  case transferLeader = "transfer-leader"

  /// Two halves do not hear each other.
  case partitionHalves = "partition-halves"
  /// Each node hears a majority, and no two the same one.
  case partitionMajorityRing = "partition-majority-ring"
  /// Two halves that one node hears and is heard by.
  case partitionBridge = "partition-bridge"
  /// Whoever leads is alone.
  case partitionLeader = "partition-leader"
  /// One half hears the other and is not heard by it.
  case partitionOneWay = "partition-one-way"
  /// Each directed link is cut or not, by the dice.
  case partitionRandom = "partition-random"
  /// Halves that part and meet again, every 100 to 1000 ms.
  case partitionFlapping = "partition-flapping"
  /// Nodes are cut off one by one and come back in another order.
  case partitionSwizzle = "partition-swizzle"

  /// Frames arrive late, a few of them very late; the amount is the median in milliseconds.
  case linkDelay = "link-delay"
  /// Frames are lost; the amount is a percentage, as it is for the next four.
  case linkLoss = "link-loss"
  /// Frames arrive twice.
  case linkDuplicate = "link-duplicate"
  /// A bit of a frame is flipped.
  case linkCorrupt = "link-corrupt"
  /// A connection ends in mid-frame.
  case linkTruncate = "link-truncate"
  /// Old frames arrive again.
  case linkReplay = "link-replay"
  /// Frames are taken slowly; the amount is in KiB a second.
  case linkSlowReader = "link-slow-reader"

  /// A node's wall clock is wrong by the amount, in seconds.
  case clockJump = "clock-jump"
  /// A node's clocks go faster or slower; the amount is a percentage of true time.
  case clockRate = "clock-rate"

  /// Each sync of a node takes longer by the amount, in milliseconds.
  case diskSlow = "disk-slow"
  /// No sync of a node returns.
  case diskHung = "disk-hung"
  /// A node's disk has no room.
  case diskFull = "disk-full"
  /// As many blocks as the amount says are garbage in a killed node's files.
  case fileCorrupt = "file-corrupt"
  /// A killed node's newest journal file is cut short by the amount, in bytes.
  case fileTruncate = "file-truncate"
  /// A killed node's directory is empty when it is made and started again.
  case diskWipe = "disk-wipe"
  /// A killed node starts from an older copy of its directory.
  case diskRollback = "disk-rollback"

  /// A node is removed, and joins with an empty directory and a new number.
  case memberRemove = "member-remove"
  /// A node's place is taken by a newcomer of the same number, in one step.
  case memberReplace = "member-replace"
}

extension FaultKind {
  /// What a fault breaks: of two faults in one lane the second begins after the first has ended.
  package enum Lane: Int, CaseIterable, Sendable {
    /// Processes are killed, stopped, restarted.
    case process
    /// Whole links are cut.
    case partition
    /// Frames on links meet with accidents.
    case link
    /// Clocks are wrong.
    case clock
    /// Disks fail, and files change.
    case disk
    /// Members come and go.
    case membership
  }

  /// What this kind breaks.
  package var lane: Lane {
    switch self {
    case .kill, .killLeader, .killMajority, .powerLoss, .pause, .pauseLeader, .restartStorm,
      .rollingRestart, .transferLeader:
      .process
    case .partitionHalves, .partitionMajorityRing, .partitionBridge, .partitionLeader,
      .partitionOneWay, .partitionRandom, .partitionFlapping, .partitionSwizzle:
      .partition
    case .linkDelay, .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate, .linkReplay,
      .linkSlowReader:
      .link
    case .clockJump, .clockRate: .clock
    case .diskSlow, .diskHung, .diskFull, .fileCorrupt, .fileTruncate, .diskWipe, .diskRollback:
      .disk
    case .memberRemove, .memberReplace: .membership
    }
  }

  /// Whether a node that it strikes may have to give up, and says so.
  package var mayEndNode: Bool { destroys || self == .diskHung || self == .diskFull }

  /// Whether a node may lose by it what it has acknowledged.
  ///
  /// No store survives that on a majority, so a plan does it to one and the same node only.
  package var destroys: Bool {
    switch self {
    case .fileCorrupt, .fileTruncate, .diskWipe, .diskRollback, .memberRemove, .memberReplace: true
    case .kill, .killLeader, .killMajority, .powerLoss, .pause, .pauseLeader, .restartStorm,
      .rollingRestart, .transferLeader, .partitionHalves, .partitionMajorityRing,
      .partitionBridge, .partitionLeader, .partitionOneWay, .partitionRandom, .partitionFlapping,
      .partitionSwizzle, .linkDelay, .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate,
      .linkReplay, .linkSlowReader, .clockJump, .clockRate, .diskSlow, .diskHung, .diskFull:
      false
    }
  }
}
