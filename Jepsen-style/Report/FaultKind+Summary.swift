extension FaultKind {
  /// What it does, in a line.
  package var summary: String {
    switch self {
    case .kill: "one node is killed (SIGKILL) and started again at the end"
    case .killLeader: "whoever leads is killed"
    case .killMajority:
      "the fewest nodes without which there is no majority are killed"
    case .powerLoss: "all nodes are killed at one moment"
    case .pause: "one node is stopped (SIGSTOP) and goes on at the end"
    case .pauseLeader: "whoever leads is stopped"
    case .restartStorm:
      "one node is killed and started again and again, every 50 to 500 ms"
    case .rollingRestart: "one node after the other is asked to end and started again"
    case .transferLeader: "leadership is handed to a node"
    case .partitionHalves: "two halves do not hear each other"
    case .partitionMajorityRing: "each node hears a majority, and no two the same one"
    case .partitionBridge: "two halves that one node hears and is heard by"
    case .partitionLeader: "whoever leads is alone"
    case .partitionOneWay: "one half hears the other and is not heard by it"
    case .partitionRandom: "each directed link is cut or not, by the dice"
    case .partitionFlapping: "halves that part and meet again, every 100 to 1000 ms"
    case .partitionSwizzle: "nodes are cut off one by one and come back in another order"
    case .linkDelay:
      "frames arrive late, a few of them very late; the amount is the median in milliseconds"
    case .linkLoss:
      "frames are lost; the amount is a percentage, as it is for the next four"
    case .linkDuplicate: "frames arrive twice"
    case .linkCorrupt: "a bit of a frame is flipped"
    case .linkTruncate: "a connection ends in mid-frame"
    case .linkReplay: "old frames arrive again"
    case .linkSlowReader: "frames are taken slowly; the amount is in KiB a second"
    case .clockJump: "a node's wall clock is wrong by the amount, in seconds"
    case .clockRate:
      "a node's clocks go faster or slower; the amount is a percentage of true time"
    case .diskSlow:
      "each sync of a node takes longer by the amount, in milliseconds"
    case .diskHung: "no sync of a node returns"
    case .diskFull: "a node's disk has no room"
    case .fileCorrupt:
      "as many blocks as the amount says are garbage in a killed node's files"
    case .fileTruncate:
      "a killed node's newest journal file is cut short by the amount, in bytes"
    case .diskWipe:
      "a killed node's directory is empty when it is made and started again"
    case .diskRollback: "a killed node starts from an older copy of its directory"
    case .memberRemove:
      "a node is removed, and joins with an empty directory and a new number"
    case .memberReplace:
      "a node's place is taken by a newcomer of the same number, in one step"
    }
  }
}
