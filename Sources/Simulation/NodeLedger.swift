import Consensus

/// What one node has written and what of it its disk holds for good, kept outside the node and
/// over its crashes.
struct NodeLedger {
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

  /// The node hands a record to its journal.
  mutating func write(_ record: LedgerRecord) {
    records.append(record)
    written.fold(record)
  }

  /// The node lets its journal forget what lies below a position.
  mutating func mayForget(below position: UInt64) {
    forgettableBelow = max(forgettableBelow, position)
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

  /// The node starts with what recovery found.
  ///
  /// - Returns: What is wrong with that, if anything is (W2).
  mutating func recovered(_ found: [(position: UInt64, record: LedgerRecord)]) -> String? {
    let count = Int(found.last?.position ?? 0)
    guard count >= durableCount else {
      return "\(durableCount) records were durable and \(count) were recovered"
    }
    guard count <= records.count else {
      return "\(count) records were recovered and only \(records.count) were written"
    }
    for (position, record) in found where record != records[Int(position) - 1] {
      return "record \(position) was written otherwise than it is read: \(record)"
    }
    // The first one may be a vote whose segment is forgotten.
    let first = UInt64(count - found.count) + 1
    let isVoteFirst = found.first.map { $0.position < first } ?? false
    guard first + (isVoteFirst ? 1 : 0) <= forgettableBelow else {
      return "records from \(forgettableBelow) on were needed, and they begin with \(first)"
    }
    records.removeLast(records.count - count)
    durableCount = count
    durable = LedgerState()
    for record in records { durable.fold(record) }
    written = durable
    return nil
  }
}

extension LedgerRecord {
  fileprivate func startsTerm(after term: Term) -> Bool {
    guard case .hardState(let own, _) = self else { return false }
    return own > term
  }

  fileprivate var isRestart: Bool {
    if case .restart = self { true } else { false }
  }

  fileprivate func writesEntry(at index: LogIndex) -> Bool {
    switch self {
    case .entry(index, _): true
    case .restart(let snapshot): snapshot.count >= Int(index.rawValue)
    case .entry, .hardState, .truncate, .repair, .admission, .other: false
    }
  }
}
