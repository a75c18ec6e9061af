package import Consensus

/// What a Raft node writes to its journal; the records folded in order give its durable state.
package enum RaftRecord: Hashable, Sendable {
  /// The node's term, and whom it voted for in it.
  case hardState(term: Term, votedFor: Member?)
  /// An entry at the end of the log.
  case entry(LogIndex, LogEntry)
  /// The log ends before this index from here on.
  case truncate(from: LogIndex)
  /// The log was replaced by a snapshot that ends here: the next entry follows it.
  case restart(LogMark)
  /// How far the member's admission has come, and what the others have shown.
  case admission(AdmissionRecord)
}
