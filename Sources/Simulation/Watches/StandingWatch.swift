import Consensus
import Raft
import Replication

/// Watches from outside whether a node whose state is in doubt falls silent, and leaves office if
/// it is fenced (W7; docs/decisions/0022).
///
/// What a memory that lies would tell is told rightly by the simulated store, so that no history
/// can show that it was told.
struct StandingWatch {
  private let options: RaftOptions
  /// How the node stood when its last turn ended.
  private(set) var standing = Divergence.Standing.sound
  /// Since when it has led and been fenced, in its own time.
  private var fencedLeaderSince: UInt64?
  private var lastTurn: UInt64 = 0
  /// Whether it came to stand otherwise in this turn, once or more often.
  var hasChanged = false

  init(_ options: RaftOptions) {
    self.options = options
  }

  /// What is wrong with a reply to a client, if anything is, at the end of whose turn the node
  /// stands like this.
  func answers(
    _ reply: ReplicaReply,
    toRead isRead: Bool,
    standing now: Divergence.Standing
  ) -> String? {
    switch reply {
    case .refused(.fenced) where isRead && hasChanged,
      .refused(.statesDiffer) where isRead && hasChanged:
      return nil
    case .applied, .answer, .outcome, .registered, .closed:
      guard standing != .sound, now != .sound else { return nil }
      return "is \(standing.rawValue) and answers \(reply.kind)"
    // A write may have been refused by the leader that it was passed on to.
    case .refused(.fenced) where isRead:
      return standing == .fenced || now == .fenced ? nil : "refuses as fenced and is not"
    case .refused(.statesDiffer) where isRead:
      return standing == .unsettled || now == .unsettled ? nil : "refuses as unsettled and is not"
    case .objection, .transferred, .reconfigured, .refused: return nil
    }
  }

  /// A turn has ended like this.
  ///
  /// - Returns: What is wrong, if anything is.
  mutating func turnEnded(
    _ now: Divergence.Standing,
    leads: Bool,
    at time: UInt64
  ) -> String? {
    let isLate = time - min(lastTurn, time) > options.lateTurnMicroseconds
    (standing, lastTurn) = (now, time)
    // Who stood still has its chances once more.
    if isLate { fencedLeaderSince = nil }
    guard leads, now == .fenced else {
      fencedLeaderSince = nil
      return nil
    }
    let since = fencedLeaderSince ?? time
    fencedLeaderSince = since
    // One transfer may have to fail before the one that this calls for.
    let limit = 2 * (options.electionTimeoutMaxMicroseconds + 100_000)
    return time - since > limit ? "leads although it is fenced" : nil
  }
}

extension ReplicaReply {
  /// What it is, without what it holds.
  fileprivate var kind: String {
    switch self {
    case .applied: "a write"
    case .answer: "a read"
    case .outcome: "what became of a write"
    case .registered, .closed: "about a session"
    case .objection, .transferred, .reconfigured, .refused: "\(self)"
    }
  }
}
