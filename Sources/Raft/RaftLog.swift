import Consensus

/// The log in memory: entries behind a base, each with the journal record that wrote it.
///
/// What lies at or below the base is in a snapshot; only the base's own term, and the
/// configuration in force, are still known of it (Raft §7). Entries lie in chunks, so that neither
/// growth nor trimming ever copies what stays.
struct RaftLog: Sendable {
  private struct Slot {
    let entry: LogEntry
    /// The journal position of the record that wrote the entry.
    let position: UInt64
    /// The size of all entries up to and including this one.
    let endOffset: Int

    /// What stands where an entry was trimmed within a chunk.
    static let trimmed = Slot(entry: .trimmed, position: 0, endOffset: 0)
  }

  /// Where the entries of one term begin.
  private struct Run {
    let term: Term
    let start: LogIndex
  }

  private static let chunkSize = 1_024

  private var chunks: [[Slot]] = []
  /// The index before that of the first chunk's first slot.
  private var origin = LogIndex.zero
  private var runs: [Run] = []
  private var configurationIndexes: [LogIndex] = []
  /// The configuration in force where the log holds none.
  private var floor: (index: LogIndex, ClusterConfiguration)?
  /// The place behind which the entries begin; index 0 for a log that is whole.
  private(set) var base = LogMark(index: .zero, term: Term(0))
  private var baseLogTime: UInt64 = 0
  private var baseOffset = 0
  private(set) var lastIndex = LogIndex.zero
  /// The bytes of all entries since the log was made.
  private var size = 0
  /// Counts truncations, so that one can tell that none happened.
  private(set) var truncationCount = 0

  /// A whole log without entries.
  init() {}

  /// A log without entries behind a snapshot.
  init(after snapshot: SnapshotMark) {
    base = LogMark(index: snapshot.index, term: snapshot.term)
    baseLogTime = snapshot.logTimeMicroseconds
    floor = (snapshot.configurationIndex, snapshot.configuration)
    origin = snapshot.index
    lastIndex = snapshot.index
  }

  /// A log without entries behind an entry that a snapshot holds; `snapshot` says which
  /// configuration was in force at or before its own index.
  init(after entry: LogEntry, at index: LogIndex, within snapshot: SnapshotMark) {
    self.init(after: snapshot)
    base = LogMark(index: index, term: entry.term)
    baseLogTime = entry.logTimeMicroseconds
    origin = index
    lastIndex = index
  }

  /// The end of the log.
  var last: LogMark { LogMark(index: lastIndex, term: runs.last?.term ?? base.term) }

  /// The log time of the last entry.
  var lastLogTime: UInt64 {
    lastIndex > base.index ? self[lastIndex].logTimeMicroseconds : baseLogTime
  }

  /// The newest configuration and so the one in use (thesis §4.1), with its place.
  var configuration: (index: LogIndex, ClusterConfiguration)? {
    guard let index = configurationIndexes.last else { return floor }
    guard case .configuration(let configuration) = self[index].payload else { return nil }
    return (index, configuration)
  }

  /// The configuration that was in use before the newest one, if there was any.
  var configurationBefore: ClusterConfiguration? {
    guard let newest = configurationIndexes.last else { return nil }
    guard let index = configurationIndexes.dropLast().last else {
      return floor.flatMap { $0.index < newest ? $0.1 : nil }
    }
    guard case .configuration(let configuration) = self[index].payload else { return nil }
    return configuration
  }

  /// The entry at an index that exists.
  subscript(index: LogIndex) -> LogEntry { slot(at: index).entry }

  /// Whether the log still holds the entry at an index.
  func contains(_ index: LogIndex) -> Bool { index > base.index && index <= lastIndex }

  /// The term at an index, 0 before the first entry; nil below the base and behind the last.
  func term(at index: LogIndex) -> Term? {
    guard contains(index) else { return index == base.index ? base.term : nil }
    return slot(at: index).entry.term
  }

  /// The journal position of the record that wrote the entry at an index that exists.
  func position(at index: LogIndex) -> UInt64 { slot(at: index).position }

  /// The bytes of the entries behind `start`, up to and including `end`, that are still there.
  func size(after start: LogIndex, through end: LogIndex) -> Int {
    endOffset(at: end) - endOffset(at: start)
  }

  /// The last place up to `limit` whose entry is of `term` or an earlier one; zero if that lies
  /// below the base.
  ///
  /// O(log terms).
  func lastIndex(ofTermAtMost term: Term, through limit: LogIndex) -> LogIndex {
    guard limit >= base.index, base.term <= term else { return .zero }
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].term <= term { low = middle + 1 } else { high = middle }
    }
    return min(limit, low < runs.count ? runs[low].start.previous : lastIndex)
  }

  /// The earliest place from which the entries up to `end` are within these bounds.
  ///
  /// O(log entries).
  func start(ofTrailing sizeMax: Int, countMax: Int, through end: LogIndex) -> LogIndex {
    var low = max(base.index.rawValue, end.rawValue - min(UInt64(countMax), end.rawValue))
    var high = end.rawValue
    while low < high {
      let middle = (low + high) / 2
      if size(after: LogIndex(middle), through: end) <= sizeMax {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return LogIndex(low)
  }

  /// The entries from `start`, which lies behind the base, as many as fit into `sizeMax` bytes,
  /// but at least one if any.
  func entries(from start: LogIndex, sizeMax: Int, countMax: Int) -> [LogEntry] {
    guard start <= lastIndex else { return [] }
    let before = endOffset(at: start.previous)
    var end = start
    while end < lastIndex, end - start + 1 < countMax,
      endOffset(at: end.next) - before <= sizeMax
    {
      end = end.next
    }
    var entries: [LogEntry] = []
    entries.reserveCapacity(end - start + 1)
    var offset = start.previous - origin
    while offset < end - origin {
      let chunk = chunks[offset / Self.chunkSize]
      let first = offset % Self.chunkSize
      let count = min(chunk.count - first, end - origin - offset)
      for slot in chunk[first..<first + count] { entries.append(slot.entry) }
      offset += count
    }
    return entries
  }

  /// Puts an entry at the end, written by the journal record at `position`.
  mutating func append(_ entry: LogEntry, position: UInt64) {
    let lastTerm = last.term
    invariant(entry.term >= lastTerm, "terms never fall along the log (Raft §5.3)")
    size += entry.size
    if (lastIndex - origin) % Self.chunkSize == 0 {
      chunks.append([])
      chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
    }
    let slot = Slot(entry: entry, position: position, endOffset: size)
    chunks[chunks.count - 1].append(slot)
    lastIndex = lastIndex.next
    if runs.isEmpty || entry.term > lastTerm {
      runs.append(Run(term: entry.term, start: lastIndex))
    }
    if entry.isConfiguration {
      configurationIndexes.append(lastIndex)
    }
  }

  /// Drops the entry at `start`, which exists, and all behind it.
  mutating func truncate(from start: LogIndex) {
    invariant(contains(start), "only what is there is truncated")
    let kept = start.previous - origin
    let chunkCount = (kept + Self.chunkSize - 1) / Self.chunkSize
    chunks.removeLast(chunks.count - chunkCount)
    if kept % Self.chunkSize != 0 {
      let last = chunks.count - 1
      chunks[last].removeLast(chunks[last].count - kept % Self.chunkSize)
    }
    let end = start.previous
    size = end > base.index ? slot(at: end).endOffset : baseOffset
    lastIndex = end
    while let run = runs.last, run.start >= start { runs.removeLast() }
    while let index = configurationIndexes.last, index >= start {
      configurationIndexes.removeLast()
    }
    truncationCount += 1
  }

  /// Forgets the entries up to `index`, which exists: it becomes the base.
  ///
  /// Whoever calls keeps the number of entries forgotten at once small: their memory is freed here.
  mutating func trim(through index: LogIndex) {
    invariant(contains(index), "only what is there is trimmed")
    let newBase = slot(at: index)
    forgetConfigurations(through: index)
    while runs.count > 1, runs[1].start <= index { runs.removeFirst() }
    if index == lastIndex { runs.removeAll() }
    baseLogTime = newBase.entry.logTimeMicroseconds
    baseOffset = newBase.endOffset
    trimChunks(from: base.index - origin, to: index - origin)
    base = LogMark(index: index, term: newBase.entry.term)
  }

  private mutating func forgetConfigurations(through index: LogIndex) {
    let count = configurationIndexes.prefix { $0 <= index }.count
    guard count > 0 else { return }
    let newest = configurationIndexes[count - 1]
    if case .configuration(let configuration) = self[newest].payload {
      floor = (newest, configuration)
    }
    configurationIndexes.removeFirst(count)
  }

  /// Frees the slots from `start` on, counted from the origin, before `end`.
  private mutating func trimChunks(from start: Int, to end: Int) {
    let whole = end / Self.chunkSize
    if whole > 0 {
      chunks.removeFirst(whole)
      origin = origin + whole * Self.chunkSize
    }
    let first = max(0, start - whole * Self.chunkSize)
    for place in first..<max(first, end - whole * Self.chunkSize) {
      chunks[0][place] = .trimmed
    }
  }

  private func slot(at index: LogIndex) -> Slot {
    let offset = index - origin - 1
    return chunks[offset / Self.chunkSize][offset % Self.chunkSize]
  }

  private func endOffset(at index: LogIndex) -> Int {
    if index == lastIndex { return size }
    return index > base.index ? slot(at: index).endOffset : baseOffset
  }
}
