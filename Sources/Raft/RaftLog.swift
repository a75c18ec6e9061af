import Consensus

/// The log in memory: entries from index 1 on, each with the journal record that wrote it.
///
/// Entries lie in chunks, so that growth never copies what is there.
struct RaftLog: Sendable {
  private struct Slot {
    let entry: LogEntry
    /// The journal position of the record that wrote the entry.
    let position: UInt64
    /// The size of all entries up to and including this one.
    let endOffset: Int
  }

  /// Where the entries of one term begin.
  private struct Run {
    let term: Term
    let start: LogIndex
  }

  private static let chunkSize = 1_024

  private var chunks: [[Slot]] = []
  private var runs: [Run] = []
  private var configurationIndexes: [LogIndex] = []
  private(set) var lastIndex = LogIndex.zero
  /// The bytes of all entries.
  private var size = 0
  /// Counts truncations, so that one can tell that none happened.
  private(set) var truncationCount = 0

  /// The end of the log.
  var last: LogMark { LogMark(index: lastIndex, term: runs.last?.term ?? Term(0)) }

  /// The newest configuration and so the one in use (thesis §4.1), with its place.
  var configuration: (index: LogIndex, ClusterConfiguration)? {
    guard let index = configurationIndexes.last,
      case .configuration(let configuration) = self[index].payload
    else { return nil }
    return (index, configuration)
  }

  /// The entry at an index that exists.
  subscript(index: LogIndex) -> LogEntry { slot(at: index).entry }

  /// The term at an index, 0 before the first entry, nil behind the last.
  func term(at index: LogIndex) -> Term? {
    guard index > .zero else { return Term(0) }
    guard index <= lastIndex else { return nil }
    return slot(at: index).entry.term
  }

  /// The journal position of the record that wrote the entry at an index that exists.
  func position(at index: LogIndex) -> UInt64 { slot(at: index).position }

  /// The bytes of the entries behind `start`, up to and including `end`.
  func size(after start: LogIndex, through end: LogIndex) -> Int {
    endOffset(at: end) - endOffset(at: start)
  }

  /// The last place up to `limit` whose entry is of `term` or an earlier one.
  ///
  /// O(log terms).
  func lastIndex(ofTermAtMost term: Term, through limit: LogIndex) -> LogIndex {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].term <= term { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return .zero }
    return min(limit, low < runs.count ? runs[low].start.previous : lastIndex)
  }

  /// The entries from `start`, as many as fit into `sizeMax` bytes, but at least one if any.
  func entries(from start: LogIndex, sizeMax: Int, countMax: Int) -> [LogEntry] {
    guard start <= lastIndex else { return [] }
    let base = endOffset(at: start.previous)
    var end = start
    while end < lastIndex, end - start + 1 < countMax,
      endOffset(at: end.next) - base <= sizeMax
    {
      end = end.next
    }
    var entries: [LogEntry] = []
    entries.reserveCapacity(end - start + 1)
    var offset = Int(start.previous.rawValue)
    while offset < Int(end.rawValue) {
      let chunk = chunks[offset / Self.chunkSize]
      let first = offset % Self.chunkSize
      let count = min(chunk.count - first, Int(end.rawValue) - offset)
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
    if Int(lastIndex.rawValue) % Self.chunkSize == 0 {
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
    invariant(start > .zero && start <= lastIndex, "only what is there is truncated")
    let kept = Int(start.rawValue - 1)
    let chunkCount = (kept + Self.chunkSize - 1) / Self.chunkSize
    chunks.removeLast(chunks.count - chunkCount)
    if kept % Self.chunkSize != 0 {
      let last = chunks.count - 1
      chunks[last].removeLast(chunks[last].count - kept % Self.chunkSize)
    }
    lastIndex = start.previous
    size = lastIndex == .zero ? 0 : slot(at: lastIndex).endOffset
    while let run = runs.last, run.start >= start { runs.removeLast() }
    while let index = configurationIndexes.last, index >= start {
      configurationIndexes.removeLast()
    }
    truncationCount += 1
  }

  private func slot(at index: LogIndex) -> Slot {
    let offset = Int(index.rawValue) - 1
    return chunks[offset / Self.chunkSize][offset % Self.chunkSize]
  }

  private func endOffset(at index: LogIndex) -> Int {
    if index == lastIndex { return size }
    return index == .zero ? 0 : slot(at: index).endOffset
  }
}
