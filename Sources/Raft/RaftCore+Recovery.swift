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

  /// What the journal of a node contains that waits to be added to a cluster: its log begins empty.
  package static let joinerRecords: [RaftRecord] = [
    .restart(LogMark(index: .zero, term: Term(0)))
  ]

  /// Whether the log in the journal reaches back to a snapshot, or to its first entry if there
  /// is none.
  package static func canRecover(_ past: Past<RaftRecord>) -> Bool {
    RecoveredState(folding: past.records).reachesBack(to: past.snapshot?.index ?? .zero)
  }
}

/// The durable state that a journal's records add up to.
///
/// The journal may begin anywhere: what a snapshot holds was forgotten by whole segments.
struct RecoveredState {
  private struct Found {
    let index: LogIndex
    let entry: LogEntry
    let position: UInt64
  }

  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  private(set) var lastPosition: UInt64 = 0
  /// Whether a record has told the term: entries may come first where the journal was cut off.
  private var isTermKnown = false
  /// The entries of the log, without a gap.
  private var entries: [Found] = []
  /// What the newest record of that kind says.
  private(set) var admission: AdmissionRecord?
  /// Whether the journal is one just made from a genesis file or a backup: a snapshot that no
  /// leader took has term 0.
  var isFromGenesis: Bool {
    let isBeginning = start.map { $0.index > .zero && $0.term == Term(0) } ?? true
    return isBeginning && lastPosition <= 1
  }
  /// What they follow, if a record says so: a snapshot that replaced the log.
  private var start: LogMark?

  init(folding records: [Recovered<RaftRecord>]) {
    for found in records {
      invariant(found.position > lastPosition, "S10: journal positions go up")
      lastPosition = found.position
      fold(found.record, at: found.position)
    }
    let lastTerm = entries.last?.entry.term ?? start?.term ?? Term(0)
    invariant(lastTerm <= term, "S10: no recovered entry is ahead of the term")
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
      isTermKnown = true
    case .entry(let index, let entry):
      if let previous = entries.last?.index ?? start?.index {
        invariant(index == previous.next, "W2: a recovered log has no gaps")
      }
      invariant(
        entry.term <= term || !isTermKnown,
        "S10: no recovered entry is ahead of the term"
      )
      entries.append(Found(index: index, entry: entry, position: position))
    case .truncate(let index):
      invariant(index > start?.index ?? .zero, "S11: no snapshot is truncated")
      // Where the journal was cut off, the entries before the first may be truncated too.
      guard let last = entries.last?.index, index <= last else { return }
      entries.removeLast(min(entries.count, last - index + 1))
    case .restart(let mark):
      start = mark
      entries = []
    case .admission(let record):
      admission = record
    }
  }

  /// The newest place that lies before all entries; nil if nothing tells.
  private var beginning: LogIndex? { start?.index ?? entries.first?.index.previous }

  /// Whether no entry behind `index` is missing before the first one.
  func reachesBack(to index: LogIndex) -> Bool {
    guard let beginning else { return index > .zero }
    return beginning <= index
  }

  /// The log from its first entry on.
  func log() -> RaftLog {
    invariant(reachesBack(to: .zero), "W2: a recovered log without a snapshot is whole")
    var log = RaftLog()
    for found in entries { log.append(found.entry, position: found.position) }
    return log
  }

  /// The log as far as it goes on from a snapshot, and whether it had to be given up for one that
  /// begins there: because it ends before, or has another entry in that place.
  ///
  /// A state can be frozen ahead of what this node's own journal holds (Raft §7).
  func log(after snapshot: SnapshotMark) -> (RaftLog, isReplaced: Bool) {
    invariant(reachesBack(to: snapshot.index), "W2: a recovered log goes on from its snapshot")
    let mark = LogMark(index: snapshot.index, term: snapshot.term)
    guard contains(mark) else {
      return (RaftLog(after: snapshot), isReplaced: !entries.isEmpty || start != nil)
    }
    guard let first = entries.first, first.index > LogIndex(1) else {
      // Empty behind the snapshot, or whole.
      return (entries.isEmpty ? RaftLog(after: snapshot) : log(), isReplaced: false)
    }
    let isBeyond = first.index > snapshot.index
    var log =
      isBeyond
      ? RaftLog(after: snapshot)
      : RaftLog(after: first.entry, at: first.index, within: snapshot)
    for found in entries.dropFirst(isBeyond ? 0 : 1) {
      log.append(found.entry, position: found.position)
    }
    return (log, isReplaced: false)
  }

  private func contains(_ mark: LogMark) -> Bool {
    guard let first = entries.first, let last = entries.last else { return start == mark }
    guard mark.index <= last.index else { return false }
    // All before the first one is committed if it was forgotten, and so is the snapshot.
    guard mark.index >= first.index else { return start.map { $0 == mark } ?? true }
    return entries[mark.index - first.index].entry.term == mark.term
  }
}
