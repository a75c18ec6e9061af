import Consensus

/// The durable state that a journal's records add up to.
///
/// The journal may begin anywhere: what a snapshot holds was forgotten by whole segments. Where
/// records are lost the entries break off, and those behind are a run of their own: a truncation
/// may have been lost as well, so they are never joined by their indexes.
struct RecoveredState {
  private(set) var term = Term(0)
  private(set) var votedFor: Member?
  /// Whether these are the newest there were.
  private(set) var isTermKnown: Bool
  private(set) var lastPosition: UInt64 = 0
  /// What the newest record of that kind says.
  private(set) var admission: AdmissionRecord?
  /// Whether a newer one may be lost.
  private(set) var mayLackAdmission = false
  /// Whether a record has told the term: entries may come first where the journal was cut off.
  private var isTermTold = false
  /// The log as the newest records tell it.
  private var current = LogRun(beginning: .forgotten)
  /// Whether it begins with the end of a log that a repair went on from: no snapshot's.
  private var isBehindRepair = false
  /// What stands before breaks.
  private var closed: [LogRun] = []
  /// Whether something was lost since the log was last whole.
  private var isBroken = false
  /// The members of all configurations in the journal, also of a log that was given up.
  private(set) var membersSeen: [Member] = []
  /// Whether anything is lost at all; then not every record finds what it was written for.
  private let hasHoles: Bool

  init(folding past: Past<RaftRecord>) {
    hasHoles = !past.holes.isEmpty
    isTermKnown = past.isVoteCertain
    var holes = past.holes[...]
    for found in past.records {
      invariant(found.position > lastPosition, "S10: journal positions go up")
      if let hole = holes.first, hole.lowerBound <= found.position {
        holes.removeFirst(holes.prefix { $0.lowerBound <= found.position }.count)
        breakOff()
      }
      lastPosition = found.position
      fold(found.record, at: found.position)
    }
    if !holes.isEmpty { breakOff() }
    lastPosition = past.lastPosition
    settleTerm(past.snapshot)
  }

  /// Whatever comes next is not known to follow what came before.
  private mutating func breakOff() {
    mayLackAdmission = true
    // If what is lost before the first record is needed, the log begins too late.
    if lastPosition > 0 { isBroken = true }
    close()
    current = LogRun(beginning: .lost)
  }

  private mutating func close() {
    if current.last != nil { closed.append(current) }
  }

  private mutating func fold(_ record: RaftRecord, at position: UInt64) {
    switch record {
    case .hardState(let term, let votedFor): fold(term, votedFor)
    case .entry(let index, let entry): fold(entry, at: index, position)
    case .truncate(let index):
      truncate(from: index)
    case .restart(let mark):
      current = LogRun(beginning: .mark(mark))
      isBehindRepair = false
    case .admission(let record):
      admission = record
      mayLackAdmission = false
    case .repair(let mark):
      isBroken = true
      goOn(behind: mark)
    case .repaired: isBroken = false
    }
  }

  private mutating func truncate(from index: LogIndex) {
    if let base = current.base, index <= base.index, !hasHoles {
      invariant(isBehindRepair, "S11: no snapshot is truncated")
      // The log that the repair began with was forgotten, with what the truncation left of it.
      current = LogRun(beginning: .forgotten)
    }
    current.truncate(from: index)
  }

  private mutating func fold(_ term: Term, _ votedFor: Member?) {
    invariant(term >= self.term, "S10: a recovered term never goes back")
    invariant(
      term > self.term || self.votedFor == nil || votedFor == self.votedFor,
      "S2: one vote in a term, also across a restart"
    )
    self.term = term
    self.votedFor = votedFor
    isTermTold = true
  }

  private mutating func fold(_ entry: LogEntry, at index: LogIndex, _ position: UInt64) {
    if let last = current.last, index != last.index.next {
      invariant(hasHoles, "W2: a recovered log has no gaps")
      close()
      current = LogRun(beginning: .lost)
    }
    invariant(
      entry.term <= term || !isTermTold || hasHoles,
      "S10: no recovered entry is ahead of the term"
    )
    current.append(entry, at: index, position: position)
    if entry.isConfiguration, case .configuration(let configuration) = entry.payload {
      membersSeen += configuration.everybody.map(\.member)
    }
  }

  /// The log that a repair began with: the run that has its last entry, or nothing but that mark.
  private mutating func goOn(behind mark: LogMark) {
    close()
    if let place = closed.lastIndex(where: { $0.contains(mark) }) {
      current = closed.remove(at: place)
      if current.last != mark {
        closed.append(current)
        current.truncate(from: mark.index.next)
      }
    } else {
      current = LogRun(beginning: .mark(mark))
      isBehindRepair = true
    }
  }

  /// No term lies below that of an entry; where one does, the term itself was lost.
  private mutating func settleTerm(_ snapshot: SnapshotMark?) {
    let lastTerm = (closed + [current]).compactMap(\.last?.term).max() ?? Term(0)
    // Whoever writes an entry, or takes a snapshot, of a term has written that before.
    if !isTermTold, max(lastTerm, snapshot?.term ?? Term(0)) > Term(0) { isTermKnown = false }
    invariant(
      lastTerm <= term || hasHoles || !isTermKnown,
      "S10: no recovered entry is ahead of the term"
    )
    if lastTerm > term { isTermKnown = false }
    guard !isTermKnown else { return }
    isBroken = true
    term = max(term, lastTerm, snapshot?.term ?? Term(0))
  }

  // MARK: What it comes to

  /// Whether nothing is lost.
  var isWhole: Bool { !isBroken }

  /// Whether there was an admission record and none is left: every start writes one, and none is
  /// forgotten before it is written anew.
  var lacksAdmission: Bool { admission == nil && lastPosition > 1 }

  /// Whether the journal is one just made from a genesis file or a backup: a snapshot that no
  /// leader took has term 0.
  var isFromGenesis: Bool {
    guard lastPosition <= 1, !hasHoles else { return false }
    guard case .mark(let mark) = current.beginning else { return true }
    return mark.index > .zero && mark.term == Term(0)
  }

  /// Whether the log lacks something that it once held.
  func isDamaged(after snapshot: SnapshotMark?) -> Bool {
    isBroken || !current.reachesBack(to: snapshot?.index ?? .zero)
  }

  /// The log as far as it goes on from a snapshot, if there is one, and whether it had to be given
  /// up for one that begins there: because it ends before, or has another entry in that place.
  ///
  /// A state can be frozen ahead of what this node's own journal holds (Raft §7).
  func log(after snapshot: SnapshotMark?) -> (RaftLog, isReplaced: Bool) {
    invariant(!isDamaged(after: snapshot), "W2: a recovered log goes on from its snapshot")
    guard let snapshot, !current.goesOn(from: snapshot.mark) else {
      return (current.log(after: snapshot), isReplaced: false)
    }
    return (RaftLog(after: snapshot), isReplaced: true)
  }

  /// What is left of a damaged log: the longest run that goes on from the snapshot, or from the
  /// very beginning; and all other runs.
  func remains(after snapshot: SnapshotMark?) -> (RaftLog, islands: [LogRun]) {
    var runs = closed + [current]
    let usable = runs.indices.filter { runs[$0].goesOn(from: snapshot?.mark) }
    let best = usable.max { left, right in
      guard let one = runs[left].last, let other = runs[right].last else { return false }
      return !one.isAtLeastAsUpToDate(as: other)
    }
    let log = best.map { runs.remove(at: $0).log(after: snapshot) }
    runs.removeAll(where: \.entries.isEmpty)
    return (log ?? snapshot.map(RaftLog.init(after:)) ?? RaftLog(), runs)
  }

  /// Whether any other voter is known who can be asked for what is lost.
  func knowsOthers(than member: Member, _ snapshot: SnapshotMark?) -> Bool {
    if admission?.memory.isEmpty == false { return true }
    let told = (closed + [current]).compactMap(\.configuration?.1) + [snapshot?.configuration]
    return told.contains { configuration in
      configuration.map { !Membership($0).otherVoters(than: member).isEmpty } ?? false
    }
  }
}
