import Consensus
import Raft
import Wire

/// An entry as the checker remembers it: enough to tell it from any other.
struct EntryMark: Hashable {
  let term: Term
  let checksum: UInt32

  init(_ entry: LogEntry) {
    term = entry.term
    checksum = CRC32C.checksum(entry.bytes)
  }
}

/// A journal record as the checker remembers it.
enum LedgerRecord: Equatable {
  case hardState(term: Term, votedFor: Member?)
  case entry(LogIndex, EntryMark)
  case truncate(from: LogIndex)

  init(_ record: RaftRecord) {
    switch record {
    case .hardState(let term, let votedFor): self = .hardState(term: term, votedFor: votedFor)
    case .entry(let index, let entry): self = .entry(index, EntryMark(entry))
    case .truncate(let index): self = .truncate(from: index)
    }
  }
}

/// The state that a journal's records add up to.
struct LedgerState {
  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  /// The entry at index 1 comes first.
  private(set) var log: [EntryMark] = []

  mutating func fold(_ record: LedgerRecord) {
    switch record {
    case .hardState(let term, let votedFor):
      self.term = term
      self.votedFor = votedFor
    case .entry(_, let mark): log.append(mark)
    case .truncate(let index): log.removeLast(log.count - Int(index.rawValue) + 1)
    }
  }

  /// The entry at an index, if there is one.
  func entry(at index: LogIndex) -> EntryMark? {
    let offset = Int(index.rawValue) - 1
    return log.indices.contains(offset) ? log[offset] : nil
  }
}
