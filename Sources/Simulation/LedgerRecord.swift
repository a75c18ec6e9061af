import Consensus
import Raft

/// A journal record as the checker remembers it.
enum LedgerRecord: Equatable {
  case hardState(term: Term, votedFor: Member?)
  case entry(LogIndex, EntryMark)
  case truncate(from: LogIndex)
  case restart(LogMark)

  init(_ record: RaftRecord) {
    switch record {
    case .hardState(let term, let votedFor): self = .hardState(term: term, votedFor: votedFor)
    case .entry(let index, let entry): self = .entry(index, EntryMark(entry))
    case .truncate(let index): self = .truncate(from: index)
    case .restart(let mark): self = .restart(mark)
    }
  }
}
