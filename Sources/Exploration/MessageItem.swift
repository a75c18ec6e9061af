import Consensus
import Raft

/// A message under way.
struct MessageItem {
  /// Who will still take notice of a message.
  private enum Hearing {
    /// Everybody: requests are answered at all times.
    case always
    /// Whoever is not yet, for good, in its term.
    case before(term: UInt8)
    /// Whoever asks, or may ask again, for the term before which it speaks.
    case preCandidate(term: UInt8)
    /// The candidate of its term.
    case candidate(term: UInt8)
    /// The leader of its term.
    case leader(term: UInt8)
    /// Whoever is not yet, for good, beyond its term.
    case through(term: UInt8)
  }

  let sender: Int
  let recipient: Int
  let message: RaftMessage
  /// Whether the recipient's trust in a leader decides the answer.
  let isFromCandidate: Bool
  private let hearing: Hearing

  init(sender: Int, recipient: Int, message: RaftMessage) {
    self.sender = sender
    self.recipient = recipient
    self.message = message
    let term = UInt8(message.term.rawValue)
    switch message {
    case .requestPreVote, .requestVote:
      isFromCandidate = true
      hearing = .always
    case .appendEntries, .heartbeat, .installSnapshot:
      isFromCandidate = false
      hearing = .always
    case .preVoteAnswer(_, isGranted: true):
      isFromCandidate = false
      hearing = .preCandidate(term: term)
    case .preVoteAnswer, .voteAnswer(_, isGranted: false), .termPassed:
      isFromCandidate = false
      hearing = .before(term: term)
    case .voteAnswer:
      isFromCandidate = false
      hearing = .candidate(term: term)
    case .appendAccepted, .appendRejected, .heartbeatAnswer, .snapshotWanted:
      isFromCandidate = false
      hearing = .leader(term: term)
    case .commitAdvanced, .timeoutNow, .requestReadIndex, .readIndexAnswer, .removed, .present,
      .remembered, .appendStored, .askEnd, .logEnds, .configurationCommitted, .wantEntries,
      .entriesEnding, .replaceMe, .replaced:
      isFromCandidate = false
      hearing = .through(term: term)
    }
  }

  /// Whether its recipient, as it is now, will never again take notice of it.
  ///
  /// Such messages are left out of a world without taking any behaviour from it. A term may be
  /// forgotten in a crash to come unless it is durable. Answers to a candidate or leader speak of
  /// a term that was durable there when it asked, and nobody becomes either for a term twice.
  func isDead(at node: NodeFacts, left: WorldAccount) -> Bool {
    let term = left.crashes > 0 ? node.durable.term : node.term
    switch hearing {
    case .always: return false
    case .before(let own): return term >= own
    case .preCandidate(let own):
      return term >= own || left.timeouts == 0 && node.role != .candidate
    case .candidate(let own): return node.role != .candidate || node.term != own
    case .leader(let own): return node.role != .leader || node.term != own
    case .through(let own): return term > own
    }
  }
}
