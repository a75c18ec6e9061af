/// The fingerprints of all worlds seen: 8 bytes each in an open table that is at most two thirds
/// full.
struct FingerprintSet {
  private(set) var count = 0
  private var slots: [UInt64]

  init() {
    slots = [UInt64](repeating: 0, count: 1 << 16)
  }

  /// Adds a fingerprint.
  ///
  /// - Returns: Whether it is new.
  mutating func insert(_ fingerprint: UInt64) -> Bool {
    // 0 marks a free slot.
    let value = fingerprint == 0 ? 1 : fingerprint
    if count * 3 >= slots.count * 2 { grow() }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: value) & mask
    while slots[slot] != 0 {
      if slots[slot] == value { return false }
      slot = (slot + 1) & mask
    }
    slots[slot] = value
    count += 1
    return true
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    let mask = slots.count - 1
    for value in old where value != 0 {
      var slot = Int(truncatingIfNeeded: value) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = value
    }
  }
}
