import Consensus
import Raft

/// The state that a journal's records add up to.
struct LedgerState {
  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  /// The entry at index 1 comes first, also where the node itself has forgotten it.
  private(set) var log: [EntryMark] = []
  /// What the others have shown it.
  private(set) var memory: [Showing] = []

  mutating func fold(_ record: LedgerRecord) {
    switch record {
    case .hardState(let term, let votedFor):
      self.term = term
      self.votedFor = votedFor
    case .entry(_, let mark): log.append(mark)
    case .truncate(let index): log.removeLast(log.count - Int(index.rawValue) + 1)
    case .restart(let snapshot): log = snapshot
    case .repair(_, _, let entries): log = entries
    case .other: break
    case .admission(let record): memory = record.memory
    }
  }

  /// The node has lost a part of its journal and goes by this log.
  mutating func goBy(_ log: [EntryMark]) { self.log = log }

  /// The newest entry's place.
  var lastIndex: LogIndex { LogIndex(UInt64(log.count)) }

  /// The entry at an index, if there is one.
  func entry(at index: LogIndex) -> EntryMark? {
    let offset = Int(index.rawValue) - 1
    return log.indices.contains(offset) ? log[offset] : nil
  }
}
