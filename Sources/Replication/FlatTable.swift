/// What a `FlatTable` finds values by.
protocol FlatTableKey: Equatable, Sendable {
  /// What tells keys apart, but for a few that agree in it.
  var words: (UInt64, UInt64) { get }
}

/// A hash table with open addressing, for what every request looks up: a dictionary's hash alone
/// costs more than a look-up here (docs/decisions/0021-hot-path.md).
///
/// Clients choose keys, and must not be able to choose many for one place: whoever does not know
/// the seed cannot (`HashSecret`).
///
/// Places follow the keys' hashes (Knuth, The Art of Computer Programming, volume 3, §6.4,
/// algorithms L and R); `values` therefore come in no order that means anything.
struct FlatTable<Key: FlatTableKey, Value: Sendable>: Sendable {
  private static var smallest: Int { 64 }

  private let secret: HashSecret
  /// A power of two of places, at most half of them taken; beyond the fewest, at least an eighth.
  private var keys: [Key?] = Array(repeating: nil, count: smallest)
  /// Beside the keys, so that a search copies nothing.
  private var held: [Value?] = Array(repeating: nil, count: smallest)
  /// How many entries there are.
  private(set) var count = 0

  /// An empty table; the seed decides where keys stand, and nothing that anybody sees.
  init(seed: UInt64) {
    secret = HashSecret(seed: seed)
  }

  var isEmpty: Bool { count == 0 }

  /// All values, in no order.
  var values: [Value] { held.compactMap(\.self) }

  /// How many places a search for one of the keys looks at, at most; it visits everything.
  var longestSearch: Int {
    keys.indices.reduce(0) { longest, place in
      guard let key = keys[place] else { return longest }
      return max(longest, (place &- home(of: key)) & (keys.count - 1) + 1)
    }
  }

  /// The keys of some values, in no order.
  func keys(where isWanted: (Value) -> Bool) -> [Key] {
    keys.indices.compactMap { place in
      guard let value = held[place], isWanted(value) else { return nil }
      return keys[place]
    }
  }

  /// The value of a key.
  subscript(key: Key) -> Value? {
    held[place(of: key)]
  }

  /// Adds a key that is new; returns whether it was.
  mutating func insert(_ value: Value, for key: Key) -> Bool {
    if 2 * (count + 1) > keys.count { resize(to: 2 * keys.count) }
    let place = self.place(of: key)
    guard keys[place] == nil else { return false }
    keys[place] = key
    held[place] = value
    count += 1
    return true
  }

  /// Changes the value of a key; returns whether there is one.
  mutating func update(_ key: Key, _ change: (inout Value) -> Void) -> Bool {
    let place = self.place(of: key)
    guard var value = held[place].take() else { return false }
    change(&value)
    held[place] = value
    return true
  }

  /// Takes out a key and returns its value.
  mutating func remove(_ key: Key) -> Value? {
    guard count > 0 else { return nil }
    let place = self.place(of: key)
    guard let value = held[place].take() else { return nil }
    keys[place] = nil
    count -= 1
    closeGap(at: place)
    // One burst must not make every later look at all values long.
    if keys.count > Self.smallest, 8 * count < keys.count { resize(to: keys.count / 2) }
    return value
  }

  /// Takes out everything.
  mutating func removeAll() {
    keys = Array(repeating: nil, count: Self.smallest)
    held = Array(repeating: nil, count: Self.smallest)
    count = 0
  }

  /// The entries behind a gap move up if the gap would part them from where they belong.
  private mutating func closeGap(at start: Int) {
    let mask = keys.count - 1
    var gap = start
    var place = (start + 1) & mask
    while let key = keys[place] {
      let home = home(of: key)
      if (place &- home) & mask >= (place &- gap) & mask {
        keys[gap] = key
        held[gap] = held[place].take()
        keys[place] = nil
        gap = place
      }
      place = (place + 1) & mask
    }
  }

  /// The place of a key, or the free one where it belongs.
  private func place(of key: Key) -> Int {
    var place = home(of: key)
    while let found = keys[place], found != key {
      place = (place + 1) & (keys.count - 1)
    }
    return place
  }

  private func home(of key: Key) -> Int {
    // The high bits are the good ones; there are at least 64 places.
    let shift = UInt64(keys.count.leadingZeroBitCount + 1)
    return Int(truncatingIfNeeded: secret.hash(key.words) &>> shift)
  }

  /// How many places there are, taken or not.
  var placeCount: Int { keys.count }

  private mutating func resize(to newCount: Int) {
    let (oldKeys, oldValues) = (keys, held)
    keys = Array(repeating: nil, count: newCount)
    held = Array(repeating: nil, count: newCount)
    for (key, value) in zip(oldKeys, oldValues) {
      guard let key else { continue }
      let place = self.place(of: key)
      keys[place] = key
      held[place] = value
    }
  }
}
