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
  /// Something of the journal is lost: from here on the records speak of the log that ends here,
  /// which may lack what came after.
  case repair(LogMark)
  /// The log has again all that it ever had to hold: what was lost before no longer matters.
  case repaired
}
