import Consensus

/// What one node has written and what of it its disk holds for good, kept outside the node and
/// over its crashes.
struct NodeLedger {
  /// What else than a whole journal a start may find.
  struct Allowance {
    /// The newest records may have rotted, which only the others can tell.
    var mayLackEnd = false
    /// The node knows that something is missing, and asks the others.
    var isInRepair = false
  }

  /// Every record since the directory was made; position 1 comes first.
  private var records: [LedgerRecord] = []
  /// How many of them are durable.
  private(set) var durableCount = 0
  /// The journal may have forgotten what lies below this position.
  private(set) var forgettableBelow: UInt64 = 1
  /// The state of what is durable.
  private(set) var durable = LedgerState()
  /// The state of everything written.
  private(set) var written = LedgerState()

  /// What the disk held before it lost any of that.
  private var lost: [LedgerState] = []
  /// The position of the newest record.
  var lastPosition: UInt64 { UInt64(records.count) }

  /// The node's folder was made anew, or an older copy of it, of which this is the ledger, was put
  /// back.
  mutating func loses(leaving copy: NodeLedger) {
    let lost = self.lost + [durable]
    self = copy
    self.lost = lost
  }

  /// Whether the disk holds an entry, or did before it lost any: whoever counted on it then cannot
  /// know better.
  func hasHeld(_ mark: EntryMark?, at index: LogIndex) -> Bool {
    durable.entry(at: index) == mark || lost.contains { $0.entry(at: index) == mark }
  }

  /// Whether the newest term that the node told may be lost: then it goes behind all terms that
  /// anybody knows, and votes in none.
  var isTermLost = false

  /// The node hands a record to its journal.
  mutating func write(_ record: LedgerRecord) {
    records.append(record)
    written.fold(record)
  }

  /// The node lets its journal forget what lies below a position.
  mutating func mayForget(below position: UInt64) {
    forgettableBelow = max(forgettableBelow, position)
  }

  /// The first entry above `snapshot` that is committed so, and whose newest record lies below a
  /// position; nil if there is none.
  func firstEntry(
    below position: UInt64,
    above snapshot: LogIndex,
    of committed: [EntryMark]
  ) -> LogIndex? {
    let end = min(Int(position) - 1, records.count)
    guard end >= Int(forgettableBelow) else { return nil }
    for record in records[(Int(forgettableBelow) - 1)..<end] {
      guard case .entry(let index, let mark) = record, index > snapshot,
        index.rawValue <= committed.count, committed[Int(index.rawValue) - 1] == mark,
        !records[end...].contains(record)
      else { continue }
      return index
    }
    return nil
  }

  /// The journal says that a sync has covered everything up to a position.
  mutating func synced(through position: UInt64) {
    while durableCount < min(Int(position), records.count) {
      durable.fold(records[durableCount])
      durableCount += 1
    }
  }

  /// Whether the entry that the node held at an index while in a term is on its disk.
  ///
  /// An acknowledgement may leave when the node is in a later term and has truncated the entry
  /// again: that is as if it had travelled slowly.
  func holdsDurably(_ index: LogIndex, in term: Term) -> Bool {
    guard index > .zero else { return true }
    guard written.term > term else {
      let entry = durable.entry(at: index)
      return entry != nil && entry == written.entry(at: index)
    }
    let end = records.firstIndex { $0.startsTerm(after: term) } ?? records.count
    let place = records[..<end].lastIndex { $0.writesEntry(at: index) }
    // A snapshot is on the disk before the record that says so is written.
    return place.map { $0 < durableCount || records[$0].isRestart } ?? false
  }

  /// The log that a repair goes on from.
  ///
  /// It ends with an entry that the node has, or had before a snapshot took its log's place: what
  /// stands in the journal behind the snapshot's end is exact (Raft §5.3).
  ///
  /// - Returns: Nil if the node never wrote such an entry.
  func log(endingAt index: LogIndex, in term: Term) -> [EntryMark]? {
    let kept = Array(written.log.prefix(Int(index.rawValue)))
    var regained: [EntryMark] = []
    var end = index.rawValue
    for record in records.reversed() where end > UInt64(kept.count) {
      guard let mark = record.entry(at: LogIndex(end)), mark.term == term || !regained.isEmpty
      else { continue }
      regained.append(mark)
      end -= 1
    }
    guard end <= UInt64(kept.count) else { return nil }
    return kept + regained.reversed()
  }

  /// The node starts with what recovery found; `holes` are known to be lost.
  ///
  /// - Returns: What is wrong with that, if anything is (W2).
  mutating func recovered(
    _ found: [(position: UInt64, record: LedgerRecord)],
    without holes: [ClosedRange<UInt64>] = [],
    after snapshot: LogIndex = .zero,
    allowing allowance: Allowance = Allowance()
  ) -> String? {
    let count = Int(max(found.last?.position ?? 0, holes.last?.upperBound ?? 0))
    guard count >= durableCount || allowance.mayLackEnd else {
      return "\(durableCount) records were durable and \(count) were recovered"
    }
    let foundCount = Int(found.last?.position ?? 0)
    guard foundCount <= records.count else {
      return "\(foundCount) records were recovered and only \(records.count) were written"
    }
    for (position, record) in found where !records[Int(position) - 1].isRead(as: record) {
      return "record \(position) was written otherwise than it is read: \(record)"
    }
    // A journal's head that is gone shows by the first entry behind it, to whom that tells it.
    if allowance.isInRepair {
      mayForget(below: found.first(where: \.record.isInLog)?.position ?? UInt64(count + 1))
    }
    guard holes.isEmpty else {
      let head = found.first?.position ?? 1
      if isHeld(before: head, by: snapshot) { mayForget(below: head) }
      return goOn(through: count, found.map(\.position), holes)
    }
    // The first one may be a vote whose segment is forgotten.
    let first = UInt64(count - found.count) + 1
    let isVoteFirst = found.first.map { $0.position < first } ?? false
    guard first + (isVoteFirst ? 1 : 0) <= forgettableBelow || isHeld(before: first, by: snapshot)
    else {
      return "records from \(forgettableBelow) on were needed, and they begin with \(first)"
    }
    goOn(through: count)
    return nil
  }

  /// Whether a snapshot includes every entry before a position that was not forgotten: a journal's
  /// head that is lost beside it is taken for a forgotten one (docs/formats/journal.md §6).
  private func isHeld(before position: UInt64, by snapshot: LogIndex) -> Bool {
    let head = records.prefix(Int(position) - 1).dropFirst(Int(forgettableBelow) - 1)
    return snapshot > .zero
      && head.allSatisfy { record in
        if case .entry(let index, _) = record { index <= snapshot } else { true }
      }
  }

  private mutating func goOn(through count: Int) {
    records.removeLast(max(0, records.count - count))
    // Where a segment's end is lost, as many positions are left out as it could have held.
    while records.count < count { records.append(.other) }
    durableCount = count
    durable = LedgerState()
    for record in records { durable.fold(record) }
    written = durable
  }

  /// The node starts with what is left: whatever is missing has to be known as lost (W5).
  private mutating func goOn(
    through count: Int,
    _ found: [UInt64],
    _ holes: [ClosedRange<UInt64>]
  ) -> String? {
    var next = forgettableBelow
    for position in found + [UInt64(count) + 1] where position >= next {
      let missing = (next..<position).first { place in !holes.contains { $0.contains(place) } }
      if let missing { return "record \(missing) is lost, and nothing says so" }
      next = position + 1
    }
    lost.append(durable)
    goOn(through: count)
    return nil
  }

  /// The node has lost a part of its journal and goes by this log.
  mutating func goBy(_ log: [EntryMark]) {
    lost.append(durable)
    durable.goBy(log)
    written.goBy(log)
  }
}

extension LedgerRecord {
  fileprivate func startsTerm(after term: Term) -> Bool {
    guard case .hardState(let own, _) = self else { return false }
    return own > term
  }

  /// Whether it tells a place in the log.
  fileprivate var isInLog: Bool {
    switch self {
    case .entry, .truncate, .restart, .repair: true
    case .hardState, .admission, .other: false
    }
  }

  fileprivate var isRestart: Bool {
    if case .restart = self { true } else { false }
  }

  fileprivate func entry(at index: LogIndex) -> EntryMark? {
    if case .entry(index, let mark) = self { mark } else { nil }
  }

  fileprivate func writesEntry(at index: LogIndex) -> Bool {
    switch self {
    case .entry(index, _): true
    case .restart(let snapshot): snapshot.count >= Int(index.rawValue)
    case .entry, .hardState, .truncate, .repair, .admission, .other: false
    }
  }
}
