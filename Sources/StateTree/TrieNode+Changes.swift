import Consensus
import Wire

/// What is to stand under a key from now on; nothing if there is no entry.
struct TrieChange: Sendable {
  /// The key's digest.
  let path: Bits256
  let key: Bytes
  let entry: TrieEntry?

  init(key: Bytes, entry: TrieEntry?, _ digester: some Digester) {
    path = digester.digest(of: key.array, domain: .stateKey).bits
    self.key = key
    self.entry = entry
  }

  /// Changes some entries that stand in order of their keys.
  fileprivate func apply(to entries: inout [TrieEntry]) {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key.precedes(key) { low = middle + 1 } else { high = middle }
    }
    let isThere = low < entries.count && entries[low].key == key
    switch (isThere, entry) {
    case (true, let entry?): entries[low] = entry
    case (true, nil): entries.remove(at: low)
    case (false, let entry?): entries.insert(entry, at: low)
    case (false, nil): break
    }
  }
}

// A batch of changes makes new nodes on their paths, each once.
extension TrieNode {
  /// The trie after some changes, each to a key of its own; nil if it is empty.
  static func changed(
    _ root: TrieNode?,
    by changes: [TrieChange],
    _ digester: some Digester
  ) -> TrieNode? {
    let sorted = changes.sorted { $0.path < $1.path }
    return changed(root, by: sorted[...], depth: 0, digester)
  }

  private static func changed(
    _ node: TrieNode?,
    by changes: ArraySlice<TrieChange>,
    depth: Int,
    _ digester: some Digester
  ) -> TrieNode? {
    guard !changes.isEmpty else { return node }
    switch node?.content {
    case nil: return made(of: changes.filter { $0.entry != nil }[...], depth: depth, digester)
    case .leaf(let entries): return changedLeaf(entries, by: changes, depth: depth, digester)
    case .inner(let children):
      let parts = parted(changes, at: depth)
      let changedChildren = zip(children, parts).map { child, part in
        changed(child, by: part, depth: depth + 1, digester)
      }
      return joined(changedChildren, digester)
    }
  }

  private static func changedLeaf(
    _ entries: [TrieEntry],
    by changes: ArraySlice<TrieChange>,
    depth: Int,
    _ digester: some Digester
  ) -> TrieNode? {
    guard changes.count <= leafMax else {
      let changedKeys = Set(changes.map(\.key))
      let kept = entries.filter { !changedKeys.contains($0.key) }
      let all = kept.map { TrieChange(key: $0.key, entry: $0, digester) } + changes
      return made(of: sorted(all), depth: depth, digester)
    }
    var held = entries
    for change in changes { change.apply(to: &held) }
    guard held.count > leafMax else {
      return held.isEmpty ? nil : TrieNode(.leaf(held), digester)
    }
    let all = held.map { TrieChange(key: $0.key, entry: $0, digester) }
    return made(of: sorted(all), depth: depth, digester)
  }

  /// Those that leave something, in order of their paths.
  private static func sorted(_ changes: [TrieChange]) -> ArraySlice<TrieChange> {
    changes.filter { $0.entry != nil }.sorted { $0.path < $1.path }[...]
  }

  /// A trie of entries, in order of their paths.
  private static func made(
    of entries: ArraySlice<TrieChange>,
    depth: Int,
    _ digester: some Digester
  ) -> TrieNode? {
    guard entries.count > leafMax else { return leaf(entries.compactMap(\.entry), digester) }
    let children = parted(entries, at: depth).map { made(of: $0, depth: depth + 1, digester) }
    return TrieNode(.inner(children), digester)
  }

  /// An inner node, or the leaf that it has become.
  private static func joined(_ children: [TrieNode?], _ digester: some Digester) -> TrieNode? {
    let count = children.reduce(0) { $0 + ($1?.count ?? 0) }
    guard count <= leafMax else { return TrieNode(.inner(children), digester) }
    var entries: [TrieEntry] = []
    for child in children { child?.collect(into: &entries) }
    return leaf(entries, digester)
  }

  private static func leaf(_ entries: [TrieEntry], _ digester: some Digester) -> TrieNode? {
    guard !entries.isEmpty else { return nil }
    return TrieNode(.leaf(entries.sorted { $0.key.precedes($1.key) }), digester)
  }

  /// Those beneath each child of a node at this depth.
  private static func parted(
    _ changes: ArraySlice<TrieChange>,
    at depth: Int
  ) -> [ArraySlice<TrieChange>] {
    invariant(depth < depthMax, "no two keys have the same SHA-256")
    var start = changes.startIndex
    return (0..<fanOut).map { nibble in
      let end = changes[start...].firstIndex { $0.path.nibble(at: depth) != nibble }
      defer { start = end ?? changes.endIndex }
      return changes[start..<(end ?? changes.endIndex)]
    }
  }
}
