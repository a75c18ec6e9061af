package import Wire

/// Entries in the order of their keys' bytes: a copy-on-write B⁺-tree.
///
/// Copying the map costs nothing and freezes it: later changes, to the map or to the copy, copy
/// only the nodes between the root and what they change. All calls but copying and `count` are
/// O(log n).
package struct OrderedMap<Value> {
  private(set) var root = OrderedMapNode<Value>()

  /// A map without entries.
  package init() {}

  /// A map of a tree that has its shape.
  init(root: OrderedMapNode<Value>) {
    self.root = root
  }

  /// The number of entries, O(1).
  package var count: Int { root.count }

  /// Whether there are no entries.
  package var isEmpty: Bool { root.count == 0 }

  /// The value of a key; nil if it has none.
  package subscript(key: Bytes) -> Value? { root.value(of: key) }

  /// Sets the value of a key; returns the one it had before.
  @discardableResult
  package mutating func insert(_ value: Value, for key: Bytes) -> Value? {
    let old = root.insert(value, for: key)
    root.growIfFull()
    return old
  }

  /// Takes out a key; returns the value it had.
  ///
  /// Where the key is missing, nothing is copied.
  @discardableResult
  package mutating func remove(_ key: Bytes) -> Value? {
    guard self[key] != nil else { return nil }
    let old = root.remove(key)
    root.shrinkIfSingle()
    return old
  }

  /// The entries within a range, one at a time, from the map as it is now.
  package func entries(
    in range: KeyStretch = .all,
    descending isDescending: Bool = false
  ) -> OrderedMapEntries<Value> {
    let positions = positions(of: range)
    return OrderedMapEntries(root: root, positions: positions, isDescending: isDescending)
  }

  /// All entries, each let go of once it was visited.
  func drained() -> OrderedMapDrain<Value> { OrderedMapDrain(root) }

  /// How many entries lie within a range.
  package func count(in range: KeyStretch) -> Int {
    positions(of: range).count
  }

  /// Which places the entries of a range have in the order of all entries.
  private func positions(of range: KeyStretch) -> Range<Int> {
    let start =
      switch range.lower {
      case .unbounded: 0
      case .including(let key): rank(of: Bytes(key))
      case .excluding(let key): rank(of: Bytes(key), countingItself: true)
      }
    let end =
      switch range.upper {
      case .unbounded: count
      case .including(let key): rank(of: Bytes(key), countingItself: true)
      case .excluding(let key): rank(of: Bytes(key))
      }
    return start..<max(start, end)
  }

  /// How many keys stand before a key.
  private func rank(of key: Bytes, countingItself: Bool = false) -> Int {
    var (node, rank) = (root, 0)
    while !node.isLeaf {
      let index = node.childIndex(for: key)
      for child in node.children[..<index] {
        rank += child.count
      }
      node = node.children[index]
    }
    let place = node.keys.find(key)
    return rank + place.index + (place.isFound && countingItself ? 1 : 0)
  }
}

extension OrderedMap: Sendable where Value: Sendable {}
