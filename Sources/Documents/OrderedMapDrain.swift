/// Entries of a map as it was when this was made, in ascending order; what was passed is let go of.
///
/// A map that was frozen for long shares little with the one that went on: to let go of all of it
/// at once takes tens of milliseconds for half a million entries.
struct OrderedMapDrain<Value> {
  /// The nodes still to be visited, of each level from the root on, the next one last.
  private var waiting: [[OrderedMapNode<Value>]]
  private var leaf = OrderedMapNode<Value>()
  private var index = 0

  init(_ root: OrderedMapNode<Value>) {
    waiting = [[root]]
  }

  /// The next entry; nil after the last.
  mutating func next() -> (key: [UInt8], value: Value)? {
    while index == leaf.values.count {
      guard moveToNextLeaf() else { return nil }
    }
    defer { index += 1 }
    return (leaf.keys[index], leaf.values[index])
  }

  private mutating func moveToNextLeaf() -> Bool {
    leaf = OrderedMapNode()
    index = 0
    while let level = waiting.indices.last {
      guard let node = waiting[level].popLast() else {
        waiting.removeLast()
        continue
      }
      guard !node.isLeaf else {
        leaf = node
        return true
      }
      waiting.append(node.children.reversed())
    }
    return false
  }
}

extension OrderedMapDrain: Sendable where Value: Sendable {}
