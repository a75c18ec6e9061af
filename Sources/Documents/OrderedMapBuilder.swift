import Wire

/// Makes a map of entries that come in order: O(1) for each, without a split.
///
/// Nodes are three quarters full, and all of one level within one of each other: there is room
/// for what comes between, and none has too few.
struct OrderedMapBuilder<Value> {
  /// Three quarters of the most children, for leaves and for what is above them.
  private static var aim: Int { (OrderedMapNode<Value>.keysMax + 1) / 4 * 3 }

  private let leafSizes: EvenShares
  private var leaves: [OrderedMapNode<Value>] = []
  /// The first key of each leaf.
  private var leafKeys: [[UInt8]] = []
  /// Of the leaf that is being filled.
  private var keys: [UInt8] = []
  private var ends: [Int32] = []
  private var values: [Value] = []
  private var lastKey: [UInt8]?
  /// How many entries there are to come.
  private(set) var missingCount: Int

  /// - Parameter count: How many entries there will be; nothing is set aside for them yet.
  init(count: Int) {
    leafSizes = EvenShares(of: count, aim: Self.aim, max: OrderedMapNode<Value>.keysMax)
    missingCount = count
  }

  /// Adds an entry; false, and nothing is done, if its key does not follow the one before or no
  /// entry is missing.
  mutating func append(_ value: Value, for key: [UInt8]) -> Bool {
    guard missingCount > 0, lastKey?.lexicographicallyPrecedes(key) ?? true else { return false }
    let leafSize = leafSizes[leaves.count]
    if values.isEmpty {
      leafKeys.append(key)
      values.reserveCapacity(leafSize)
      ends.reserveCapacity(leafSize)
      keys.reserveCapacity(leafSize * key.count)
    }
    keys.append(contentsOf: key)
    ends.append(Int32(keys.count))
    values.append(value)
    lastKey = key
    missingCount -= 1
    if values.count == leafSize { endLeaf() }
    return true
  }

  /// The map, once all entries are there.
  mutating func finish() -> OrderedMap<Value> {
    var (nodes, firstKeys) = (leaves, leafKeys)
    leaves = []
    while nodes.count > 1 { (nodes, firstKeys) = Self.level(above: nodes, firstKeys) }
    return nodes.first.map { OrderedMap(root: $0) } ?? OrderedMap()
  }

  private mutating func endLeaf() {
    leaves.append(
      OrderedMapNode(keys: OrderedMapKeys(ascending: keys, ends: ends), values: values)
    )
    (keys, ends, values) = ([], [], [])
  }

  /// Fewer nodes, which have these as children, and the first key beneath each.
  private static func level(
    above nodes: [OrderedMapNode<Value>],
    _ firstKeys: [[UInt8]]
  ) -> (nodes: [OrderedMapNode<Value>], firstKeys: [[UInt8]]) {
    let childrenMax = OrderedMapNode<Value>.keysMax + 1
    let sizes = EvenShares(of: nodes.count, aim: aim, max: childrenMax)
    var (upper, upperKeys): ([OrderedMapNode<Value>], [[UInt8]]) = ([], [])
    var start = 0
    while start < nodes.count {
      let end = start + sizes[upper.count]
      var (keys, ends): ([UInt8], [Int32]) = ([], [])
      for key in firstKeys[start + 1..<end] {
        keys.append(contentsOf: key)
        ends.append(Int32(keys.count))
      }
      upper.append(
        OrderedMapNode(
          keys: OrderedMapKeys(ascending: keys, ends: ends),
          children: Array(nodes[start..<end])
        )
      )
      upperKeys.append(firstKeys[start])
      start = end
    }
    return (upper, upperKeys)
  }
}

extension OrderedMapBuilder: Sendable where Value: Sendable {}

/// How many of some things go into each of as few groups as need be.
private struct EvenShares {
  private let least: Int
  /// So many groups have one more.
  private let largerCount: Int

  /// Groups of about `aim` things, at most `max`: more than `max` things come in groups of at
  /// least half of it, as `aim` is three quarters.
  init(of count: Int, aim: Int, max: Int) {
    let groupCount = count <= max ? 1 : 1 + (count - 1) / aim
    least = count / groupCount
    largerCount = count % groupCount
  }

  subscript(group: Int) -> Int { group < largerCount ? least + 1 : least }
}
