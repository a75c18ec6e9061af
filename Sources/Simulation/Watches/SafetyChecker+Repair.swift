import Consensus
import Raft

extension SafetyChecker {
  /// What a record does to its node's log.
  ///
  /// A repair goes on behind an entry that the node wrote once, or behind a snapshot it took
  /// whole; behind anything else it would promise what it never had (W5).
  func mark(of record: RaftRecord, by node: Int) throws(Violation) -> LedgerRecord {
    let mark = LedgerRecord(record, committed: committedMarks)
    guard case .repair(let index, let term, let snapshot) = mark else { return mark }
    let own = ledgers[node].log(endingAt: index, in: term)
    guard let log = own ?? (snapshot.count == Int(index.rawValue) ? snapshot : nil) else {
      throw .safety("W5", "\(members[node].id) goes on behind entry \(index), which it never had")
    }
    return .repair(index, term, log)
  }
}
