import Consensus

/// Entries that follow one another without a gap, as a journal gives them back.
///
/// Equal marks mean equal logs up to them (Raft §5.3), so a run is exact wherever one of its marks
/// is. What it is not known to follow it is never joined to.
struct LogRun: Sendable {
  struct Found: Sendable {
    let index: LogIndex
    let entry: LogEntry
    let position: UInt64

    var mark: LogMark { LogMark(index: index, term: entry.term) }
  }

  /// What stands before the first entry.
  enum Beginning: Sendable {
    /// This, a snapshot's end for instance.
    case mark(LogMark)
    /// What was forgotten, because a snapshot holds it.
    case forgotten
    /// Nobody knows: it is lost.
    case lost
  }

  var beginning: Beginning
  private(set) var entries: [Found] = []
  /// The lowest place of which its records speak, also where that was truncated since.
  ///
  /// What comes before stands in records that are not here. Nil if they speak of none.
  private(set) var start: LogIndex?

  /// The place before the entries, where that is known.
  var base: LogMark? {
    if case .mark(let mark) = beginning { return mark }
    return entries.first?.index == LogIndex(1) ? LogMark(index: .zero, term: Term(0)) : nil
  }

  /// The end; nil where not even the place before it is known.
  var last: LogMark? { entries.last?.mark ?? base }

  /// The newest configuration, with its place.
  var configuration: (index: LogIndex, ClusterConfiguration)? {
    for found in entries.reversed() where found.entry.isConfiguration {
      if case .configuration(let configuration) = found.entry.payload {
        return (found.index, configuration)
      }
    }
    return nil
  }

  /// The term of the entry at an index; nil if it is not here.
  func term(at index: LogIndex) -> Term? {
    guard let first = entries.first?.index, let last = entries.last?.index,
      index >= first, index <= last
    else { return base.flatMap { $0.index == index ? $0.term : nil } }
    return entries[index - first].entry.term
  }

  func contains(_ mark: LogMark) -> Bool { term(at: mark.index) == mark.term }

  // MARK: Change

  mutating func append(_ entry: LogEntry, at index: LogIndex, position: UInt64) {
    entries.append(Found(index: index, entry: entry, position: position))
    speaks(of: index)
  }

  /// Drops the entry at `index` and all behind it; where the journal was cut off, those before the
  /// first may be meant too.
  mutating func truncate(from index: LogIndex) {
    speaks(of: index)
    guard let last = entries.last?.index, index <= last else { return }
    entries.removeLast(min(entries.count, last - index + 1))
  }

  private mutating func speaks(of index: LogIndex) {
    start = min(start ?? index, index)
  }

  /// Its last entries through one that is here, within these bounds but at least one.
  func tail(through end: LogIndex, sizeMax: Int, countMax: Int) -> [LogEntry] {
    guard let first = entries.first?.index, end >= first else { return [] }
    var tail: [LogEntry] = []
    var size = 0
    for found in entries[...(end - first)].reversed() {
      size += found.entry.size
      guard tail.isEmpty || size <= sizeMax && tail.count < countMax else { break }
      tail.append(found.entry)
    }
    return tail.reversed()
  }

  // MARK: A log

  /// Whether no entry behind `index` is missing before the first one.
  func reachesBack(to index: LogIndex) -> Bool {
    if let base { return base.index <= index }
    // What is forgotten leaves some entry, or where the log began again: without either, entries
    // behind the snapshot may have been lost with it.
    guard let first = entries.first?.index ?? start, !entries.isEmpty || index > .zero
    else { return false }
    switch beginning {
    case .mark, .forgotten: return first.previous <= index
    // The place before the first is another's, maybe.
    case .lost: return !entries.isEmpty && first <= index
    }
  }

  /// Whether the run goes on from a snapshot, or from the very beginning.
  func goesOn(from snapshot: LogMark?) -> Bool {
    guard let snapshot else { return base?.index == .zero }
    guard reachesBack(to: snapshot.index) else { return false }
    guard let first = entries.first, snapshot.index < first.index, base == nil else {
      return contains(snapshot)
    }
    // All before the first one is committed if it was forgotten, and so is the snapshot.
    return true
  }

  /// The log that goes on from a snapshot, or from the very beginning.
  func log(after snapshot: SnapshotMark?) -> RaftLog {
    invariant(goesOn(from: snapshot?.mark), "W2: a recovered log is whole")
    var log = RaftLog()
    var kept = entries[...]
    if let snapshot, let first = entries.first, first.index > LogIndex(1) {
      if first.index > snapshot.index {
        log = RaftLog(after: snapshot)
      } else {
        log = RaftLog(after: first.entry, at: first.index, within: snapshot)
        kept = entries.dropFirst()
      }
    } else if let snapshot, entries.isEmpty {
      log = RaftLog(after: snapshot)
    }
    for found in kept { log.append(found.entry, position: found.position) }
    return log
  }
}

extension SnapshotMark {
  /// The place where the snapshot ends.
  var mark: LogMark { LogMark(index: index, term: term) }
}
