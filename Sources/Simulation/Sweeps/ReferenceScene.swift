import Consensus
import Raft
import Replication
import Storage

/// The script of the reference run: two hundred operations on three nodes, in which happens what a
/// disk is used for: segments turn, snapshots are taken and installed, members change.
///
/// Everything else is fair weather, so that whatever goes wrong comes from the crash that is tried.
struct ReferenceScene {
  /// What is going on.
  enum Act {
    /// Clients ask.
    case opening
    /// A follower is cut off until it needs a snapshot.
    case followerAway(fault: Int)
    /// A fourth node is added, and votes in the end.
    case joining
    /// Clients ask for the rest.
    case closing
    /// A node went down: it is to be back, and so many operations answered.
    case recovering(answeredMin: Int)
    /// Nobody asks any more, and all come to the same state.
    case ending
    /// All is well.
    case over
  }

  /// Where every reference run comes from.
  static let seed: UInt64 = 200
  /// How many operations are answered in a run without a crash.
  static let operationsMin = 200
  /// After how many answers the follower is cut off, is back, and the fourth node is added.
  static let followerLeavesAt = 50
  static let followerReturnsAt = 110
  static let joinerComesAt = 130
  /// How many operations are answered after a crash.
  static let answeredAfterCrash = 12
  /// How long it may take until all is well.
  static let patienceMicroseconds: UInt64 = 20_000_000
  static let valueSizeMin = 3_500

  /// Whether a fourth node joins.
  var hasJoiner = true
  /// How long a node stays down.
  var downMicroseconds: UInt64 = 20_000
  var act = Act.opening
  /// How many crashes have been noticed.
  var crashes = 0
  /// When an operator asks again.
  var nextAskAt: UInt64 = 0
  /// Until when all must be well.
  var deadline = patienceMicroseconds

  /// The mean time between two operations of a client.
  var paceMicroseconds: UInt64 { 8_000 }

  /// Something was damaged: everybody has to come back, and clients to be answered.
  mutating func damaged(at now: UInt64, answered: Int, crashes: Int) {
    self.crashes = crashes
    act = .recovering(answeredMin: answered + Self.answeredAfterCrash)
    deadline = now + Self.patienceMicroseconds
  }

  /// Options for a reference run.
  func options() -> RunOptions {
    var options = RunOptions(nodes: 3)
    options.withoutStrikes = Set(1...9_999)
    options.withoutWeather = Set(FaultKind.allCases)
    options.reference = self
    return options
  }

  /// A setup of the drawn members with sizes at which everything happens often.
  func setup(from drawn: SimulatedNode.Setup) -> SimulatedNode.Setup {
    var raft = RaftOptions()
    raft.trailingEntriesMax = 3
    return SimulatedNode.Setup(
      cluster: drawn.cluster,
      configuration: ClusterConfiguration(
        seats: drawn.configuration.seats,
        sessionTimeoutMicroseconds: 1_800_000_000,
        sessionsMax: 10_000
      ),
      nodeCount: drawn.nodeCount,
      journal: JournalOptions(segmentSizeBytes: 64 << 10),
      raft: raft,
      snapshots: (logSizeMin: 40_000, pieceSizeAim: 16_000),
      pendingMax: ReplicaOptions().pendingMax,
      tickMicroseconds: 20_000
    )
  }
}
