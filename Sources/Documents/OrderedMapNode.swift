/// A node of the B⁺-tree: a leaf holds entries, an inner node the keys that part its children.
///
/// A child's keys are less than the parting key at its index, and not less than the one before.
/// Only a node that nobody else refers to is changed; whoever refers to it makes sure of that
/// before calling (`makeUnique`). So nodes shared between maps, even on two threads, never change.
/// A call goes down the tree and never comes back to a node above, so that no two accesses to a
/// node's state overlap; the run-time checks of that took a third of an insertion.
final class OrderedMapNode<Value> {
  /// The most keys of a node; all nodes but the root have at least half as many.
  static var keysMax: Int { 64 }

  private(set) var keys: OrderedMapKeys
  private(set) var values: [Value]
  private(set) var children: [OrderedMapNode]
  /// The number of entries in all leaves beneath.
  private(set) var count: Int

  init(
    keys: OrderedMapKeys = OrderedMapKeys(),
    values: [Value] = [],
    children: [OrderedMapNode] = []
  ) {
    self.keys = keys
    self.values = values
    self.children = children
    count = children.isEmpty ? values.count : children.reduce(0) { $0 + $1.count }
  }

  var isLeaf: Bool { children.isEmpty }

  /// Replaces a node that others refer to as well by a copy of one's own.
  static func makeUnique(_ node: inout OrderedMapNode) {
    guard !isKnownUniquelyReferenced(&node) else { return }
    node = OrderedMapNode(keys: node.keys, values: node.values, children: node.children)
  }

  /// The child that has a key, if any has.
  func childIndex(for key: [UInt8]) -> Int {
    let place = keys.find(key)
    return place.isFound ? place.index + 1 : place.index
  }

  // MARK: Inserting

  /// Sets the value of a key; this node may have one key too many afterwards.
  func insert(_ value: Value, for key: [UInt8]) -> Value? {
    guard !isLeaf else { return insertHere(value, for: key) }
    let index = childIndex(for: key)
    Self.makeUnique(&children[index])
    if let old = children[index].insert(value, for: key) { return old }
    count += 1
    if children[index].keys.count > Self.keysMax { splitChild(at: index) }
    return nil
  }

  private func insertHere(_ value: Value, for key: [UInt8]) -> Value? {
    let place = keys.find(key)
    guard !place.isFound else {
      let old = values[place.index]
      values[place.index] = value
      return old
    }
    keys.insert(key, at: place.index)
    values.insert(value, at: place.index)
    count += 1
    return nil
  }

  /// The root above a root that has one key too many.
  static func root(splitting full: OrderedMapNode) -> OrderedMapNode {
    let root = OrderedMapNode(children: [full])
    root.splitChild(at: 0)
    return root
  }

  private func splitChild(at index: Int) {
    let (key, right) = children[index].split()
    keys.insert(key, at: index)
    children.insert(right, at: index + 1)
  }

  /// Moves the upper half to a new node; returns it and the key that parts both.
  private func split() -> (key: [UInt8], right: OrderedMapNode) {
    let middle = keys.count / 2
    let key = keys[middle]
    guard !isLeaf else {
      let right = OrderedMapNode(
        keys: keys.split(at: middle),
        values: Array(values[middle...])
      )
      values.removeSubrange(middle...)
      count = values.count
      return (key, right)
    }
    let right = OrderedMapNode(
      keys: keys.split(at: middle + 1),
      children: Array(children[(middle + 1)...])
    )
    keys.remove(at: middle)
    children.removeSubrange((middle + 1)...)
    count -= right.count
    return (key, right)
  }

  // MARK: Removing

  /// Takes out a key that is there; this node may have one key too few afterwards.
  func remove(_ key: [UInt8]) -> Value {
    guard !isLeaf else {
      let index = keys.find(key).index
      keys.remove(at: index)
      count -= 1
      return values.remove(at: index)
    }
    let index = childIndex(for: key)
    Self.makeUnique(&children[index])
    let old = children[index].remove(key)
    count -= 1
    if children[index].keys.count < Self.keysMax / 2 { refillChild(at: index) }
    return old
  }

  /// Gives a child with too few keys one of a neighbor's, or makes one child of both.
  private func refillChild(at index: Int) {
    let left = index > 0 ? index - 1 : 0
    Self.makeUnique(&children[left])
    Self.makeUnique(&children[left + 1])
    if children[left].keys.count + children[left + 1].keys.count < Self.keysMax {
      mergeChildren(at: left)
    } else if left < index {
      moveEntryRight(from: left)
    } else {
      moveEntryLeft(to: left)
    }
  }

  private func mergeChildren(at left: Int) {
    let (child, next) = (children[left], children[left + 1])
    if !child.isLeaf { child.keys.insert(keys[left], at: child.keys.count) }
    child.keys.append(next.keys)
    child.values.append(contentsOf: next.values)
    child.children.append(contentsOf: next.children)
    child.count += next.count
    keys.remove(at: left)
    children.remove(at: left + 1)
  }

  private func moveEntryRight(from left: Int) {
    let (child, next) = (children[left], children[left + 1])
    let last = child.keys.count - 1
    let key = child.keys[last]
    child.keys.remove(at: last)
    if child.isLeaf {
      next.keys.insert(key, at: 0)
      next.values.insert(child.values.removeLast(), at: 0)
    } else {
      next.keys.insert(keys[left], at: 0)
      next.children.insert(child.children.removeLast(), at: 0)
    }
    movedCount(from: child, to: next, (next.children.first?.count) ?? 1)
    replaceKey(at: left, by: key)
  }

  private func moveEntryLeft(to left: Int) {
    let (child, next) = (children[left], children[left + 1])
    let key = next.keys[0]
    next.keys.remove(at: 0)
    if child.isLeaf {
      child.keys.insert(key, at: child.keys.count)
      child.values.append(next.values.removeFirst())
      movedCount(from: next, to: child, 1)
      replaceKey(at: left, by: next.keys[0])
    } else {
      child.keys.insert(keys[left], at: child.keys.count)
      child.children.append(next.children.removeFirst())
      movedCount(from: next, to: child, (child.children.last?.count) ?? 0)
      replaceKey(at: left, by: key)
    }
  }

  private func movedCount(from source: OrderedMapNode, to target: OrderedMapNode, _ moved: Int) {
    source.count -= moved
    target.count += moved
  }

  private func replaceKey(at index: Int, by key: [UInt8]) {
    keys.remove(at: index)
    keys.insert(key, at: index)
  }
}

extension OrderedMapNode: @unchecked Sendable where Value: Sendable {}
