import Wire

/// A node of the B⁺-tree: a leaf holds entries, an inner node the keys that part its children.
///
/// A child's keys are less than the parting key at its index, and not less than the one before.
/// Nodes are values: a copy shares the arrays, and a change copies only the arrays between the
/// root and what it changes. A class would cost a run-time check at each look at its fields.
struct OrderedMapNode<Value> {
  /// The most keys of a node; all nodes but the root have at least half as many.
  ///
  /// A node has one more for a moment before it is split: 64 is what an array of 32 grows to.
  static var keysMax: Int { 63 }

  private(set) var keys = OrderedMapKeys()
  private(set) var values: [Value] = []
  private(set) var children: [OrderedMapNode] = []
  /// The number of entries in all leaves beneath.
  private(set) var count = 0

  init() {}

  init(keys: OrderedMapKeys, values: [Value]) {
    self.keys = keys
    self.values = values
    count = values.count
  }

  init(keys: OrderedMapKeys, children: [OrderedMapNode]) {
    self.keys = keys
    self.children = children
    count = children.reduce(0) { $0 + $1.count }
  }

  var isLeaf: Bool { children.isEmpty }

  /// The child that has a key, if any has.
  func childIndex(for key: Bytes) -> Int {
    let place = keys.find(key)
    return place.isFound ? place.index + 1 : place.index
  }

  /// The value of a key beneath this node.
  func value(of key: Bytes) -> Value? {
    guard isLeaf else { return children[childIndex(for: key)].value(of: key) }
    let place = keys.find(key)
    return place.isFound ? values[place.index] : nil
  }

  // MARK: Inserting

  /// Sets the value of a key; this node may have one key too many afterwards.
  mutating func insert(_ value: Value, for key: Bytes) -> Value? {
    guard !isLeaf else { return insertHere(value, for: key) }
    let index = childIndex(for: key)
    if let old = children[index].insert(value, for: key) { return old }
    count += 1
    if children[index].keys.count > Self.keysMax { splitChild(at: index) }
    return nil
  }

  private mutating func insertHere(_ value: Value, for key: Bytes) -> Value? {
    let place = keys.find(key)
    guard !place.isFound else {
      var old = value
      swap(&values[place.index], &old)
      return old
    }
    keys.insert(key, at: place.index)
    values.insert(value, at: place.index)
    count += 1
    return nil
  }

  /// Puts a new root above one that has one key too many.
  mutating func growIfFull() {
    guard keys.count > Self.keysMax else { return }
    self = OrderedMapNode(keys: OrderedMapKeys(), children: [self])
    splitChild(at: 0)
  }

  private mutating func splitChild(at index: Int) {
    let (key, right) = children[index].split()
    keys.insert(Bytes(key), at: index)
    children.insert(right, at: index + 1)
  }

  /// Moves the upper half to a new node; returns it and the key that parts both.
  ///
  /// Both get arrays of their size: where keys ascend nothing is added to the lower half any more,
  /// and room for as much again would be a third of what a small document takes.
  private mutating func split() -> (key: [UInt8], right: OrderedMapNode) {
    let middle = keys.count / 2
    let key = keys[middle]
    guard !isLeaf else {
      let right = OrderedMapNode(
        keys: keys.split(at: middle),
        values: Array(values[middle...])
      )
      values = Array(values[..<middle])
      count = values.count
      return (key, right)
    }
    let right = OrderedMapNode(
      keys: keys.split(at: middle + 1),
      children: Array(children[(middle + 1)...])
    )
    keys.remove(at: middle)
    children = Array(children[...middle])
    count -= right.count
    return (key, right)
  }

  // MARK: Removing

  /// Takes out a key that is there; this node may have one key too few afterwards.
  mutating func remove(_ key: Bytes) -> Value {
    guard !isLeaf else {
      let index = keys.find(key).index
      keys.remove(at: index)
      count -= 1
      return values.remove(at: index)
    }
    let index = childIndex(for: key)
    let old = children[index].remove(key)
    count -= 1
    if children[index].keys.count < Self.keysMax / 2 { refillChild(at: index) }
    return old
  }

  /// Takes away a root that has a single child.
  mutating func shrinkIfSingle() {
    if children.count == 1 { self = children[0] }
  }

  /// Gives a child with too few keys one of a neighbor's, or makes one child of both.
  private mutating func refillChild(at index: Int) {
    let left = index > 0 ? index - 1 : 0
    if children[left].keys.count + children[left + 1].keys.count < Self.keysMax {
      mergeChildren(at: left)
    } else if left < index {
      moveEntryRight(from: left)
    } else {
      moveEntryLeft(to: left)
    }
  }

  private mutating func mergeChildren(at left: Int) {
    let next = children.remove(at: left + 1)
    let key = keys[left]
    keys.remove(at: left)
    children[left].take(over: next, behind: key)
  }

  /// Adds all that the next node holds.
  private mutating func take(over next: OrderedMapNode, behind key: [UInt8]) {
    if !isLeaf { keys.insert(Bytes(key), at: keys.count) }
    keys.append(next.keys)
    values.append(contentsOf: next.values)
    children.append(contentsOf: next.children)
    count += next.count
  }

  private mutating func moveEntryRight(from left: Int) {
    let last = children[left].keys.count - 1
    let key = children[left].keys[last]
    children[left].keys.remove(at: last)
    if children[left].isLeaf {
      let value = children[left].values.removeLast()
      children[left].count -= 1
      children[left + 1].putFirst(value, key)
    } else {
      let child = children[left].children.removeLast()
      children[left].count -= child.count
      children[left + 1].putFirst(child, keys[left])
    }
    replaceKey(at: left, by: key)
  }

  private mutating func moveEntryLeft(to left: Int) {
    let key = children[left + 1].keys[0]
    children[left + 1].keys.remove(at: 0)
    if children[left + 1].isLeaf {
      let value = children[left + 1].values.removeFirst()
      children[left + 1].count -= 1
      children[left].putLast(value, key)
      replaceKey(at: left, by: children[left + 1].keys[0])
    } else {
      let child = children[left + 1].children.removeFirst()
      children[left + 1].count -= child.count
      children[left].putLast(child, keys[left])
      replaceKey(at: left, by: key)
    }
  }

  private mutating func putFirst(_ value: Value, _ key: [UInt8]) {
    keys.insert(Bytes(key), at: 0)
    values.insert(value, at: 0)
    count += 1
  }

  private mutating func putFirst(_ child: OrderedMapNode, _ key: [UInt8]) {
    keys.insert(Bytes(key), at: 0)
    children.insert(child, at: 0)
    count += child.count
  }

  private mutating func putLast(_ value: Value, _ key: [UInt8]) {
    keys.insert(Bytes(key), at: keys.count)
    values.append(value)
    count += 1
  }

  private mutating func putLast(_ child: OrderedMapNode, _ key: [UInt8]) {
    keys.insert(Bytes(key), at: keys.count)
    children.append(child)
    count += child.count
  }

  private mutating func replaceKey(at index: Int, by key: [UInt8]) {
    keys.remove(at: index)
    keys.insert(Bytes(key), at: index)
  }
}

extension OrderedMapNode: Sendable where Value: Sendable {}
