/// Entries of a map as it was when this was made, visited lazily in either direction.
package struct OrderedMapEntries<Value>: Sequence, IteratorProtocol {
  /// The inner nodes down to the leaf, each with the index of the child taken.
  private var path: [(node: OrderedMapNode<Value>, index: Int)] = []
  private var leaf: OrderedMapNode<Value>
  private var index = 0
  private let step: Int
  /// How many entries are still to come.
  package private(set) var remainingCount: Int

  init(root: OrderedMapNode<Value>, positions: Range<Int>, isDescending: Bool) {
    leaf = root
    step = isDescending ? -1 : 1
    remainingCount = positions.count
    guard remainingCount > 0 else { return }
    index = isDescending ? positions.upperBound - 1 : positions.lowerBound
    while !leaf.isLeaf {
      var child = 0
      while index >= leaf.children[child].count {
        index -= leaf.children[child].count
        child += 1
      }
      path.append((leaf, child))
      leaf = leaf.children[child]
    }
  }

  /// How many entries the map has that this holds.
  var heldCount: Int { path.first?.node.count ?? leaf.count }

  /// The next entry; nil after the last.
  package mutating func next() -> (key: [UInt8], value: Value)? {
    guard remainingCount > 0 else { return nil }
    if !leaf.values.indices.contains(index) { moveToNextLeaf() }
    defer {
      remainingCount -= 1
      index += step
    }
    return (leaf.keys[index], leaf.values[index])
  }

  /// Climbs to the first node with a further child, and down to its nearest leaf.
  private mutating func moveToNextLeaf() {
    while let (node, index) = path.popLast() {
      guard node.children.indices.contains(index + step) else { continue }
      path.append((node, index + step))
      leaf = node.children[index + step]
      break
    }
    while !leaf.isLeaf {
      let edge = step > 0 ? 0 : leaf.children.count - 1
      path.append((leaf, edge))
      leaf = leaf.children[edge]
    }
    index = step > 0 ? 0 : leaf.values.count - 1
  }
}

extension OrderedMapEntries: Sendable where Value: Sendable {}
