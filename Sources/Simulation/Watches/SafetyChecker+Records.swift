import Consensus
import Raft

// What nodes hand to their journals, and what they find there again.
extension SafetyChecker {
  /// A node hands records to its journal (S4, S5, S11).
  mutating func wrote(_ record: RaftRecord, by node: Int, isLeader: Bool) throws(Violation) {
    let mark = try mark(of: record, by: node)
    switch mark {
    case .hardState(let term, let votedFor):
      try enters(term, votingFor: votedFor, node)
    case .entry(let index, let entry):
      let previous = ledgers[node].written.log.last
      guard index == ledgers[node].written.lastIndex.next else {
        throw .safety("S5", "\(members[node].id) wrote entry \(index) with a gap before it")
      }
      try checkLineage(Lineage(entry: entry, previous: previous), at: index, of: node)
      note(record)
    case .truncate(let index):
      guard !isLeader else {
        throw .safety("S4", "\(members[node].id) leads and truncates from \(index)")
      }
      try checkTruncation(from: index, of: node)
    case .restart(let snapshot):
      // One that ends where its own log does takes nothing from it.
      guard !isLeader || snapshot.count == ledgers[node].written.log.count else {
        throw .safety("S4", "\(members[node].id) leads and takes another's snapshot")
      }
      try checkRestart(with: snapshot, record, of: node)
    case .repair, .admission, .other: break
    }
    if case .repaired = record { try becomesWhole(node) }
    ledgers[node].write(mark)
    memberWatch.wrote(record, by: node, ledgers[node].written)
  }

  private mutating func note(_ record: RaftRecord) {
    guard case .entry(let index, let entry) = record,
      case .configuration(let next) = entry.payload,
      !configurations.contains(where: { $0.index == index && $0.1 == next })
    else { return }
    configurations.append((index, next))
  }

  /// A term begins with a candidate's vote for itself; whoever only asks stays where it is
  /// (Raft §5.2, thesis §9.6).
  private mutating func enters(
    _ term: Term,
    votingFor votedFor: Member?,
    _ node: Int
  ) throws(Violation) {
    let mayEnter = votedFor == members[node] || ledgers[node].isTermLost
    guard terms.insert(term).inserted, !mayEnter else { return }
    throw .safety("L5", "\(members[node].id) enters term \(term), for which nobody stands")
  }

  /// A node's journal says that everything up to a position is synced.
  mutating func synced(through position: UInt64, by node: Int) {
    ledgers[node].synced(through: position)
  }

  /// A node's disk has lost what it held; what it said as a leader cannot be compared any more.
  mutating func lost(_ node: Int, leaving copy: NodeLedger) {
    offices[node] = nil
    repairs[node].release()
    ledgers[node].loses(leaving: copy)
  }

  /// A node starts from its disk (W2, S10).
  mutating func recovered(
    _ records: [Recovered<RaftRecord>],
    without holes: [ClosedRange<UInt64>] = [],
    after snapshot: LogIndex = .zero,
    allowing allowance: NodeLedger.Allowance = NodeLedger.Allowance(),
    by node: Int
  ) throws(Violation) {
    offices[node] = nil
    // Who is alone leads in a term before that is durable, and may lead in it again if it is lost:
    // nobody was told.
    if configurations.contains(where: { $0.1.seats.count == 1 }) { lineages.removeAll() }
    areSettled[node] = false
    let found = records.map {
      ($0.position, LedgerRecord($0.record, committed: committedMarks))
    }
    let reason =
      ledgers[node].recovered(found, without: holes, after: snapshot, allowing: allowance)
    if let reason { throw .safety("W2", "\(members[node].id): \(reason)") }
    commitIndexes[node] = .zero
    memberWatch.started(node, ledgers[node].written)
  }

  private mutating func checkLineage(
    _ lineage: Lineage,
    at index: LogIndex,
    of node: Int
  ) throws(Violation) {
    let place = EntryPlace(index: index, term: lineage.entry.term)
    guard let known = lineages[place] else {
      lineages[place] = lineage
      return
    }
    guard known == lineage else {
      let id = members[node].id
      throw .safety("S5", "\(id) has another entry \(index) of term \(place.term) than others")
    }
  }

  private func checkTruncation(from index: LogIndex, of node: Int) throws(Violation) {
    let log = ledgers[node].written.log
    let first = Int(index.rawValue) - 1
    guard first < log.count else {
      throw .safety("S11", "\(members[node].id) truncates from \(index), where nothing is")
    }
    // A leader of the past may still overwrite a minority's copy of what a later term commits.
    guard first < committedMarks.count, log[first] == committedMarks[first],
      commitTerms[first] <= ledgers[node].written.term
    else { return }
    throw .safety("S11", "\(members[node].id) truncates the committed entry \(index)")
  }

  /// A snapshot takes a log's place where it holds what is committed and the log does not (W6).
  private func checkRestart(
    with snapshot: [EntryMark],
    _ record: RaftRecord,
    of node: Int
  ) throws(Violation) {
    // A node that waits to be added begins with an empty log.
    if snapshot.isEmpty, ledgers[node].written.log.isEmpty { return }
    guard case .restart(let mark) = record, let last = snapshot.last,
      Int(mark.index.rawValue) == snapshot.count, last.term == mark.term
    else {
      throw .safety("W6", "\(members[node].id) takes a snapshot of what is not committed")
    }
    // Whoever goes by what is left of a damaged log may begin with the snapshot already.
    let log = ledgers[node].written
    guard log.entry(at: mark.index) != last || log.lastIndex == mark.index else {
      throw .safety("S11", "\(members[node].id) gives up a log that has what the snapshot has")
    }
  }
}
