import Consensus
import Raft

/// Judges one step of one node by what the node and its disk were before and are after.
///
/// What needs more than one node stands in `WorldJudge`. The ids are those of the project's list
/// of invariants.
struct NodeJudge {
  let before: SmallNode
  let after: SmallNode
  let isCrash: Bool

  private var name: NodeID { SmallCluster.members[after.place].id }

  /// The state after the step (W2, S4, S8, S10).
  func judgeState() throws(WorldViolation) {
    guard !isCrash else { return try judgeRecovery() }
    guard after.term >= before.term, after.core.commitIndex >= before.core.commitIndex else {
      throw WorldViolation("S10", "\(name) goes back in term or commit index")
    }
    guard before.isLeader, after.isLeader, before.term == after.term else { return }
    guard after.log.begins(with: before.log) else {
      throw WorldViolation("S4", "\(name) leads and changes its log")
    }
    let commitIndex = Int(after.core.commitIndex.rawValue)
    guard
      after.core.commitIndex == before.core.commitIndex
        || after.log.term(at: commitIndex) == after.term
    else {
      throw WorldViolation("S8", "\(name) commits \(commitIndex) of an earlier term by counting")
    }
  }

  private func judgeRecovery() throws(WorldViolation) {
    guard after.log == after.durable.log, after.term == after.durable.term else {
      throw WorldViolation("W2", "\(name) recovers something else than its disk holds")
    }
    guard after.term >= before.durable.term else {
      throw WorldViolation("S10", "\(name) comes back in an earlier term")
    }
  }

  /// The messages that leave (S2, S3).
  ///
  /// - Returns: The last vote given, or asked for, by then.
  func judge(
    _ sent: [Envelope<RaftMessage>]
  ) throws(WorldViolation) -> SmallNode.Pledge? {
    var pledge = before.pledge
    for envelope in sent {
      let message = envelope.message
      switch message {
      case .requestPreVote, .preVoteAnswer: continue
      case .voteAnswer(_, isGranted: true):
        pledge = try vote(for: SmallCluster.place(envelope.recipient), in: message.term, pledge)
      case .requestVote:
        pledge = try vote(for: after.place, in: message.term, pledge)
      case .appendAccepted(let term, let matchIndex, _):
        guard holdsDurably(matchIndex, in: term) else {
          throw WorldViolation("S3", "\(name) acknowledges \(matchIndex), which is not durable")
        }
      case .voteAnswer, .appendEntries, .appendRejected, .heartbeat, .heartbeatAnswer,
        .commitAdvanced, .timeoutNow, .requestReadIndex, .readIndexAnswer, .termPassed,
        .installSnapshot, .snapshotWanted, .removed, .present, .remembered, .appendStored,
        .askEnd, .logEnds, .configurationCommitted, .wantEntries, .entriesEnding, .replaceMe,
        .replaced:
        break
      }
      guard UInt64(after.durable.term) >= message.term.rawValue else {
        throw WorldViolation("S3", "\(name) speaks in term \(message.term), which is not durable")
      }
    }
    return pledge
  }

  private func vote(
    for candidate: Int,
    in term: Term,
    _ pledge: SmallNode.Pledge?
  ) throws(WorldViolation) -> SmallNode.Pledge {
    let vote = SmallNode.Pledge(term: UInt8(term.rawValue), candidate: candidate)
    let isRepeated = pledge == vote
    guard isRepeated || vote.term > pledge?.term ?? 0 else {
      throw WorldViolation("S2", "\(name) votes in term \(term) and has voted otherwise by then")
    }
    let durable = after.durable
    guard durable.term > vote.term || durable.term == vote.term && durable.votedFor == candidate
    else {
      throw WorldViolation("S3", "\(name)'s vote in term \(term) leaves before its record")
    }
    return vote
  }

  /// Whether the entry that the node held at an index while in a term is on its disk.
  ///
  /// The acknowledgement may leave when the node is in a later term and has dropped the entry
  /// again: that is as if it had travelled slowly.
  private func holdsDurably(_ index: LogIndex, in term: Term) -> Bool {
    // A journal is durable from its front: with a later term, all of this one.
    guard UInt64(after.durable.term) <= term.rawValue else { return true }
    for record in after.unsynced {
      switch record {
      case .hardState(let later, _): if later > term { return true }
      case .entry(let unsynced, _): if unsynced <= index { return false }
      case .truncate, .restart, .admission, .repair, .repaired: break
      }
    }
    return after.core.currentTerm > term || after.durable.log.count >= Int(index.rawValue)
  }
}
