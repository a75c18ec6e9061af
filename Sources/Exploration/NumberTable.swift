/// Finds small numbers by 64-bit keys that are not zero.
struct NumberTable {
  private var count = 0
  private var keys: [UInt64]
  private var values: [UInt32]

  init() {
    keys = [UInt64](repeating: 0, count: 1 << 12)
    values = [UInt32](repeating: 0, count: 1 << 12)
  }

  subscript(key: UInt64) -> UInt32? {
    let slot = slot(of: key)
    return keys[slot] == key ? values[slot] : nil
  }

  mutating func add(_ value: UInt32, for key: UInt64) {
    if count * 2 >= keys.count { grow() }
    let slot = slot(of: key)
    keys[slot] = key
    values[slot] = value
    count += 1
  }

  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: Fingerprint.mixed(key)) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, values)
    keys = [UInt64](repeating: 0, count: old.0.count * 2)
    values = [UInt32](repeating: 0, count: old.0.count * 2)
    for (place, key) in old.0.enumerated() where key != 0 {
      let slot = slot(of: key)
      keys[slot] = key
      values[slot] = old.1[place]
    }
  }
}
