package import Consensus

extension RaftCore {
  /// What a new directory's journal contains: the configuration as the entry at index 1, of
  /// term 0, equal in every member's log.
  package static func initialRecords(for configuration: ClusterConfiguration) -> [RaftRecord] {
    let entry = LogEntry(
      .configuration(configuration),
      term: Term(0),
      logTimeMicroseconds: 0,
      wallMilliseconds: 0
    )
    return [.entry(LogIndex(1), entry)]
  }
}

/// The durable state that a journal's records add up to.
struct RecoveredState {
  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  private(set) var log = RaftLog()
  private(set) var lastPosition: UInt64 = 0

  init(folding records: [Recovered<RaftRecord>]) {
    for found in records {
      invariant(found.position > lastPosition, "S10: journal positions go up")
      lastPosition = found.position
      fold(found.record, at: found.position)
    }
  }

  private mutating func fold(_ record: RaftRecord, at position: UInt64) {
    switch record {
    case .hardState(let term, let votedFor):
      invariant(term >= self.term, "S10: a recovered term never goes back")
      invariant(
        term > self.term || self.votedFor == nil || votedFor == self.votedFor,
        "S2: one vote in a term, also across a restart"
      )
      self.term = term
      self.votedFor = votedFor
    case .entry(let index, let entry):
      invariant(index == log.lastIndex.next, "W2: a recovered log has no gaps")
      invariant(entry.term <= term, "S10: no recovered entry is ahead of the term")
      log.append(entry, position: position)
    case .truncate(let index):
      log.truncate(from: index)
    }
  }
}
