import Consensus
import Raft

/// A journal record as the checker remembers it.
enum LedgerRecord: Equatable {
  case hardState(term: Term, votedFor: Member?)
  case entry(LogIndex, EntryMark)
  case truncate(from: LogIndex)
  /// A snapshot has taken the log's place: these entries are in it.
  case restart([EntryMark])
  /// A node that lost a part of its journal goes on from the entry at this index, with these
  /// entries up to it.
  case repair(LogIndex, Term, [EntryMark])
  /// Says nothing of term, vote and log.
  case other
  /// What the node remembers of the others; nothing of term, vote and log.
  case admission(AdmissionRecord)

  /// A record; `committed` is all that is known to be committed, which is what snapshots hold.
  init(_ record: RaftRecord, committed: [EntryMark]) {
    switch record {
    case .hardState(let term, let votedFor): self = .hardState(term: term, votedFor: votedFor)
    case .entry(let index, let entry): self = .entry(index, EntryMark(entry))
    case .truncate(let index): self = .truncate(from: index)
    case .restart(let mark):
      self = .restart(Array(committed.prefix(Int(mark.index.rawValue))))
    case .repair(let mark):
      let snapshot = committed.prefix(Int(mark.index.rawValue))
      self = .repair(mark.index, mark.term, Array(snapshot))
    case .repaired: self = .other
    case .admission(let record): self = .admission(record)
    }
  }

  /// Whether a record is what was written; what a log was at a repair, its record does not say.
  func isRead(as other: LedgerRecord) -> Bool {
    if case (.repair(let index, let term, _), .repair(let otherIndex, let otherTerm, _)) =
      (self, other)
    {
      return index == otherIndex && term == otherTerm
    }
    return self == other
  }
}
