import Consensus
import Raft

/// The state that a journal's records add up to.
struct LedgerState {
  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  /// Where a snapshot replaced the log.
  private(set) var base = LogIndex.zero
  /// The entries behind the base, in order.
  private(set) var log: [EntryMark] = []

  mutating func fold(_ record: LedgerRecord) {
    switch record {
    case .hardState(let term, let votedFor):
      self.term = term
      self.votedFor = votedFor
    case .entry(_, let mark): log.append(mark)
    case .truncate(let index): log.removeLast(log.count - (index - base) + 1)
    case .restart(let mark):
      base = mark.index
      log = []
    }
  }

  /// The newest entry's place, or the base.
  var lastIndex: LogIndex { base + log.count }

  /// The entry at an index, if there is one.
  func entry(at index: LogIndex) -> EntryMark? {
    let offset = index - base - 1
    return log.indices.contains(offset) ? log[offset] : nil
  }
}
