import Wire

/// The keys of one node: ascending, different from each other, and side by side in memory.
///
/// A search looks at eight bytes of each key it passes, those after the beginning that all keys
/// of the node share; they lie in one array, so that a search seldom leaves it. What a search
/// costs is waiting for memory: each array that it need not touch saves a twentieth.
struct OrderedMapKeys: Sendable {
  /// All keys, one after the other.
  private var bytes: [UInt8] = []
  /// Where in `bytes` each key ends.
  private var ends: [Int32] = []
  /// Eight bytes of each key from `sharedCount` on, filled up with zeros.
  private var heads: [UInt64] = []
  /// How many bytes all keys are known to begin with alike.
  private var sharedCount = 0
  /// The first eight of these, and the next eight.
  private var sharedHead: (first: UInt64, next: UInt64) = (0, 0)

  init() {}

  /// Keys that are known to ascend, one after the other, and where each ends.
  init(ascending bytes: [UInt8], ends: [Int32]) {
    self.bytes = bytes
    self.ends = ends
    heads = Array(repeating: 0, count: ends.count)
    shareAsMuchAsPossible()
  }

  var count: Int { ends.count }

  subscript(index: Int) -> [UInt8] { Array(bytes[range(of: index)]) }

  /// Where a key stands, or would stand.
  func find(_ key: Bytes) -> (index: Int, isFound: Bool) {
    guard count > 0 else { return (0, false) }
    let order = compareShared(with: key)
    guard order == 0 else { return (order < 0 ? 0 : count, false) }
    let head = Bytes.head(of: key.storage, key.range.dropFirst(sharedCount))
    let heads = heads.span
    var (low, high) = (0, heads.count)
    while low < high {
      let middle = (low + high) / 2
      let found = heads[middle]
      if found < head {
        low = middle + 1
      } else if found > head {
        high = middle
      } else {
        let order = compare(key, to: middle)
        if order == 0 { return (middle, true) }
        if order > 0 { low = middle + 1 } else { high = middle }
      }
    }
    return (low, false)
  }

  /// Puts in a key at the place that `find` gave for it.
  mutating func insert(_ key: Bytes, at index: Int) {
    let shared = count == 0 ? key.count : countShared(with: key)
    if shared < sharedCount || count == 0 { share(shared, of: key) }
    let offset = index == 0 ? 0 : Int(ends[index - 1])
    bytes.insert(contentsOf: key.storage[key.range], at: offset)
    ends.insert(Int32(offset), at: index)
    let size = Int32(key.count)
    for following in index..<ends.count {
      ends[following] += size
    }
    heads.insert(Bytes.head(of: key.storage, key.range.dropFirst(sharedCount)), at: index)
  }

  mutating func remove(at index: Int) {
    let range = range(of: index)
    bytes.removeSubrange(range)
    ends.remove(at: index)
    for following in index..<ends.count {
      ends[following] -= Int32(range.count)
    }
    heads.remove(at: index)
  }

  /// Cuts off the keys from an index on and gives them back; neither part keeps room for more.
  mutating func split(at index: Int) -> OrderedMapKeys {
    let offset = index == 0 ? 0 : ends[index - 1]
    var right = OrderedMapKeys()
    right.bytes = Array(bytes[Int(offset)...])
    right.ends = ends[index...].map { $0 - offset }
    right.heads = Array(heads[index...])
    right.sharedCount = sharedCount
    bytes = Array(bytes[..<Int(offset)])
    ends = Array(ends[..<index])
    heads = Array(heads[..<index])
    right.shareAsMuchAsPossible()
    shareAsMuchAsPossible()
    return right
  }

  /// Adds the keys of the next node, all greater than these.
  mutating func append(_ other: OrderedMapKeys) {
    let offset = Int32(bytes.count)
    bytes.append(contentsOf: other.bytes)
    ends.append(contentsOf: other.ends.map { $0 + offset })
    heads.append(contentsOf: other.heads)
    shareAsMuchAsPossible()
  }

  private func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// What the first key and the last begin with, all between begin with too.
  private mutating func shareAsMuchAsPossible() {
    guard count > 0 else { return }
    let (first, last) = (range(of: 0), range(of: count - 1))
    var shared = 0
    while shared < min(first.count, last.count),
      bytes[shared] == bytes[last.lowerBound + shared]
    {
      shared += 1
    }
    share(shared, of: Bytes(bytes, first))
  }

  /// All keys begin as this one does, for so many bytes.
  private mutating func share(_ newCount: Int, of key: Bytes) {
    sharedCount = newCount
    let shared = key.range.prefix(newCount)
    sharedHead.first = Bytes.head(of: key.storage, shared.prefix(8))
    sharedHead.next = Bytes.head(of: key.storage, shared.prefix(16).dropFirst(8))
    for index in 0..<count {
      heads[index] = Bytes.head(of: bytes, range(of: index).dropFirst(newCount))
    }
  }

  private func countShared(with key: Bytes) -> Int {
    let bound = min(sharedCount, key.count)
    var shared = 0
    while shared < bound, key[shared] == bytes[shared] {
      shared += 1
    }
    return shared
  }

  /// Negative, zero or positive as a key stands before, within or behind all keys that begin as
  /// these do; eight bytes at a time.
  private func compareShared(with key: Bytes) -> Int {
    let shared = key.range.prefix(sharedCount)
    let first = Bytes.head(of: key.storage, shared.prefix(8))
    guard first == sharedHead.first else { return first < sharedHead.first ? -1 : 1 }
    let next = Bytes.head(of: key.storage, shared.prefix(16).dropFirst(8))
    guard next == sharedHead.next else { return next < sharedHead.next ? -1 : 1 }
    var (own, other) = ((0..<sharedCount).dropFirst(16), shared.dropFirst(16))
    while !own.isEmpty {
      let (left, right) = (Bytes.head(of: key.storage, other), Bytes.head(of: bytes, own))
      guard left == right else { return left < right ? -1 : 1 }
      (own, other) = (own.dropFirst(8), other.dropFirst(8))
    }
    // Zeros stand for missing bytes above: a key that is cut off stands before what goes on.
    return key.count < sharedCount ? -1 : 0
  }

  /// Negative, zero or positive as the key stands before, at or after the one at an index; both
  /// are known to share their beginning.
  private func compare(_ key: Bytes, to index: Int) -> Int {
    let range = range(of: index)
    // Their heads are equal, and they end within them.
    if key.count == range.count, key.count <= sharedCount + 8 { return 0 }
    var offset = sharedCount
    let bound = min(key.count, range.count)
    while offset < bound {
      let (left, right) = (key[offset], bytes[range.lowerBound + offset])
      guard left == right else { return left < right ? -1 : 1 }
      offset += 1
    }
    return key.count - range.count
  }
}
