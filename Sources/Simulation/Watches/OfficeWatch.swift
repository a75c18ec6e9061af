import Consensus
import Raft

/// Watches from outside whether a leader gives up an office that it cannot fill: nobody answers
/// it (N5), or its disk hangs (D14).
///
/// It counts in the node's own time, as the node does, and is more patient than the node.
struct OfficeWatch {
  private static let patienceMicroseconds: UInt64 = 100_000

  private let options: RaftOptions
  /// When each member last sent something of the leader's own term; looked up only.
  ///
  /// What a node said still counts when it has come back as another member.
  private var heardAt: [Member: UInt64] = [:]
  private var term: Term?
  /// When the leader had its last chance to begin anew: elected, or late for its own turn.
  private var since: UInt64 = 0
  private var lastTurn: UInt64 = 0
  /// When the batch that the disk works on was given to it.
  private var batchSince: UInt64?
  /// The first turn that found the disk to be overdue.
  private var overdueSince: UInt64?

  init(_ options: RaftOptions) {
    self.options = options
  }

  /// A message is read in a turn.
  mutating func heard(_ message: RaftMessage, from member: Member, at now: UInt64) {
    if message.term == term { heardAt[member] = now }
  }

  /// The disk begins to work on a batch, or tries again.
  mutating func batchBegan(at now: UInt64) { batchSince = batchSince ?? now }

  /// The disk has done its work.
  mutating func batchEnded() { batchSince = nil }

  /// A turn has ended like this.
  ///
  /// - Parameters:
  ///   - status: How the node stands.
  ///   - member: Which it is.
  ///   - now: Its time.
  ///   - hasQuorum: Whether something holds for a quorum.
  /// - Returns: What is wrong, if anything is.
  mutating func turnEnded(
    _ status: CoreStatus,
    of member: Member,
    at now: UInt64,
    _ hasQuorum: ((Member) -> Bool) -> Bool
  ) -> String? {
    let isLate = now - min(lastTurn, now) > options.lateTurnMicroseconds
    lastTurn = now
    let isOverdue = batchSince.map { now - $0 > options.diskBudgetMicroseconds } ?? false
    overdueSince = isOverdue ? overdueSince ?? now : nil
    guard status.role == .leader else {
      term = nil
      return nil
    }
    if term != status.term {
      term = status.term
      since = now
      heardAt.removeAll()
    }
    if isLate { since = now }
    let limit = options.electionTimeoutMaxMicroseconds + Self.patienceMicroseconds
    let isAnswered = hasQuorum { other in
      other == member || now - max(heardAt[other] ?? 0, since) <= limit
    }
    if !isAnswered {
      return "leads although no quorum has answered for \((now - since) / 1_000) ms"
    }
    // One transfer may have to fail before the one that the disk calls for.
    if let overdueSince, now - overdueSince > 2 * limit {
      return "leads although its disk hangs"
    }
    return nil
  }
}
