import Consensus

/// Entries on their way back into a log that nobody leads: gathered from the highest one downwards.
///
/// Each lower part is known to belong there: it contains the lowest entry so far, or the one that
/// is known to stand before it. By Log Matching there is only one such log (Raft §5.3).
struct Gathering: Sendable {
  /// The highest entry.
  let target: LogMark
  /// The entries so far, of consecutive indexes up to the target.
  private(set) var entries: [LogEntry] = []
  /// The place before them, where somebody has told.
  private(set) var previous: LogMark?
  private(set) var size = 0
  /// Who has neither what is wanted nor more before it.
  private(set) var refusals: [Member] = []
  /// Whether somebody has an entry of an earlier term in the place before the lowest: it may
  /// belong there or not.
  private(set) var isAmbiguous = false

  init(_ target: LogMark) {
    self.target = target
  }

  /// The place before the entries.
  var start: LogIndex { LogIndex(target.index.rawValue - UInt64(entries.count)) }

  /// The lowest entry so far.
  private var lowest: LogMark? {
    entries.first.map { LogMark(index: start.next, term: $0.term) }
  }

  /// The entry to ask for: the one before, or the lowest again, from who has more before it.
  var wanted: LogMark { previous ?? lowest ?? target }

  /// The ends of what can be of use: a term's entries have no gap, so that the one before the
  /// lowest, if it has the same term, belongs there.
  var suitableMarks: [LogMark] {
    guard previous == nil, let lowest, start > .zero else { return [wanted] }
    return [wanted, LogMark(index: start, term: lowest.term)]
  }

  /// Takes entries that end with a suitable mark, of which `known` stands before the first; says
  /// whether they were of use.
  mutating func take(_ part: [LogEntry], endingAt mark: LogMark, after known: LogMark?) -> Bool {
    guard suitableMarks.contains(mark) else { return false }
    // The lowest entry comes again.
    let part = mark == lowest ? Array(part.dropLast()) : part
    guard !part.isEmpty || known != nil else { return false }
    refusals = []
    isAmbiguous = false
    entries = part + entries
    size += part.reduce(0) { $0 + $1.size }
    previous = known
    return true
  }

  /// Somebody has nothing of use; in the place before the wanted entry it has `other`.
  mutating func refused(_ mark: LogMark, by member: Member, having other: LogMark?) {
    guard mark == wanted else { return }
    if !refusals.contains(member) { refusals.append(member) }
    if mark == lowest, let other, other.term < mark.term { isAmbiguous = true }
  }

  /// The highest place where `log` agrees with what is gathered, if there is one.
  func meeting(with log: RaftLog) -> LogIndex? {
    var index = min(target.index, log.lastIndex)
    while index > start {
      if log.term(at: index) == entries[index - start - 1].term { return index }
      index = index.previous
    }
    let before = suitableMarks.filter { $0.index <= start }
    return before.first { log.term(at: $0.index) == $0.term }?.index
  }

  /// What a log that ends with `last` needs to go on to the target, and the place before that.
  ///
  /// The entries that it has and these may part before its end (Raft §5.3, Figure 7): up to
  /// `countMax` that come to about `sizeMax` go along in which the two may meet.
  func rest(for last: LogMark, sizeMax: Int, countMax: Int) -> Rest? {
    let new = entries.indices.first { place in
      let mark = mark(at: place)
      return mark != last && mark.isAtLeastAsUpToDate(as: last)
    }
    guard let new else { return nil }
    var first = min(new, last.index - start)
    let earliest = max(0, first - countMax)
    var size = 0
    while first > earliest, size < sizeMax {
      first -= 1
      size += entries[first].size
    }
    let before = first > 0 ? mark(at: first - 1) : suitableMarks.first { $0.index == start }
    guard first >= 0, let before, before.index <= last.index, before.term <= last.term
    else { return nil }
    return Rest(before: before, entries: entries[first...], leastCount: new - first + 1)
  }

  /// What continues some log.
  struct Rest {
    /// The place before the entries.
    let before: LogMark
    let entries: ArraySlice<LogEntry>
    /// With fewer of them the log would not come any further.
    let leastCount: Int
  }

  private func mark(at place: Int) -> LogMark {
    LogMark(index: start + (place + 1), term: entries[place].term)
  }

  /// The entries behind an index.
  func entries(after index: LogIndex) -> ArraySlice<LogEntry> { entries.dropFirst(index - start) }
}
