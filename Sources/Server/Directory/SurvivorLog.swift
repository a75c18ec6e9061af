import Consensus
import Raft

/// The log in a journal of which parts may be missing.
///
/// Records behind a missing one are not joined to those before it by their indexes: a truncation
/// may be lost in between. They are a run of their own, which counts if it reaches back to the
/// snapshot by itself.
struct SurvivorLog {
  private struct Run {
    /// What the entries follow, if a record says so.
    var start: LogMark?
    /// Whether records before its first may be missing that were not forgotten.
    var isTorn = false
    var entries: [(index: LogIndex, entry: LogEntry)] = []

    /// The entries behind a snapshot; nil if something between the two may be missing.
    func entries(after snapshot: LogMark) -> ArraySlice<(index: LogIndex, entry: LogEntry)>? {
      let place = entries.firstIndex { $0.index == snapshot.index }
      if let place {
        return entries[place].entry.term == snapshot.term ? entries[(place + 1)...] : nil
      }
      guard entries.first?.index ?? snapshot.index.next == snapshot.index.next else { return nil }
      if let start { return start == snapshot ? entries[...] : nil }
      return isTorn ? nil : entries[...]
    }
  }

  private var runs = [Run()]
  private var lastPosition: UInt64 = 0
  /// The newest term that a record tells of.
  private(set) var term = Term(0)
  /// Whether the node counts as refused: it has lost its log, or is about to.
  private(set) var isRefused = false
  /// Whether it does not begin with its first record, and nothing in it says what came before:
  /// what is forgotten leaves an entry, or a record of what the log went on from.
  private(set) var hasLostBeginning = false

  /// Takes the next record that can be read.
  mutating func take(_ record: RaftRecord, at position: UInt64) {
    if lastPosition == 0 { hasLostBeginning = position > 1 }
    if lastPosition > 0, position != lastPosition + 1 { tear() }
    lastPosition = position
    hasLostBeginning = hasLostBeginning && !record.tellsOfTheLog
    switch record {
    case .hardState(let term, _):
      self.term = max(self.term, term)
    case .entry(let index, let entry):
      term = max(term, entry.term)
      let next = runs[runs.count - 1].entries.last?.index.next
      if let next, next != index { tear() }
      runs[runs.count - 1].entries.append((index, entry))
    case .truncate(let index):
      let kept = runs[runs.count - 1].entries.prefix { $0.index < index }
      runs[runs.count - 1].entries = Array(kept)
    case .restart(let mark):
      runs[runs.count - 1].start = mark
      runs[runs.count - 1].entries = []
    case .repair(let mark): goOn(behind: mark)
    case .admission(let record): isRefused = [.remade, .rolledBack].contains(record.progress)
    case .repaired: break
    }
  }

  /// What follows a snapshot, or the very beginning, and how many entries cannot be joined to it;
  /// nil if nothing can.
  func entries(after snapshot: LogMark) -> (entries: [Committed], unusedCount: Int)? {
    for place in runs.indices.reversed() {
      guard let found = runs[place].entries(after: snapshot) else { continue }
      let others = runs.indices.filter { $0 != place }.flatMap { runs[$0].entries }
      let unused = others.count { $0.index > snapshot.index }
      return (found.map { Self.committed($0.entry, at: $0.index) }, unused)
    }
    return nil
  }

  /// How many entries lie behind an index, joined to anything or not.
  func count(behind index: LogIndex) -> Int {
    runs.reduce(0) { $0 + $1.entries.count { $0.index > index } }
  }

  private mutating func tear() {
    runs.append(Run(isTorn: true))
  }

  /// A damaged log went on from here: from the run that has this entry, or from a snapshot.
  private mutating func goOn(behind mark: LogMark) {
    var run = runs.last { run in
      run.start == mark
        || run.entries.contains { $0.index == mark.index && $0.entry.term == mark.term }
    }
    run?.entries.removeAll { $0.index > mark.index }
    runs.append(run ?? Run(start: mark))
  }

  private static func committed(_ entry: LogEntry, at index: LogIndex) -> Committed {
    Committed(
      index: index,
      term: entry.term,
      logTimeMicroseconds: entry.logTimeMicroseconds,
      wallMilliseconds: entry.wallMilliseconds,
      payload: entry.payload
    )
  }
}

extension RaftRecord {
  /// Whether it says which place in the log it speaks of.
  fileprivate var tellsOfTheLog: Bool {
    switch self {
    case .entry, .truncate, .restart, .repair: true
    case .hardState, .admission, .repaired: false
    }
  }
}
