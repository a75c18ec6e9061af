import Consensus

/// Blocks in a row, each found by its digest however many there are.
struct BlockRow: Sendable {
  private(set) var blocks: [LoggedBlock] = []
  /// Where each stands, counted from the first that ever stood here; looked up only.
  private var places: [Digest: Int] = [:]
  /// How many have left in front.
  private var leftCount = 0

  subscript(digest: Digest) -> LoggedBlock? {
    places[digest].map { blocks[$0 - leftCount] }
  }

  func contains(_ digest: Digest) -> Bool { places[digest] != nil }

  mutating func append(_ block: LoggedBlock) {
    places[block.digest] = leftCount + blocks.count
    blocks.append(block)
  }

  mutating func append(contentsOf more: some Sequence<LoggedBlock>) {
    for block in more { append(block) }
  }

  /// Takes one out; the last one takes its place.
  mutating func remove(_ digest: Digest) -> LoggedBlock? {
    guard let place = places.removeValue(forKey: digest) else { return nil }
    let last = blocks.removeLast()
    guard last.digest != digest else { return last }
    let removed = blocks[place - leftCount]
    blocks[place - leftCount] = last
    places[last.digest] = place
    return removed
  }

  mutating func removeFirst(_ count: Int) {
    for block in blocks.prefix(count) { places[block.digest] = nil }
    blocks.removeFirst(count)
    leftCount += count
  }

  /// Leaves so many, and takes out the rest.
  mutating func removeAll(behind count: Int) -> ArraySlice<LoggedBlock> {
    let removed = blocks[count...]
    for block in removed { places[block.digest] = nil }
    blocks.removeSubrange(count...)
    return removed
  }

  mutating func removeAll(where isUnwanted: (LoggedBlock) -> Bool) {
    let kept = blocks.filter { !isUnwanted($0) }
    guard kept.count < blocks.count else { return }
    self = BlockRow()
    append(contentsOf: kept)
  }
}
