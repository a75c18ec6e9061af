/// A set of small numbers: operations in order of an array, or slots.
struct OperationSet: Hashable {
  private(set) var words: [UInt64]

  /// A set without members that grows as needed.
  init() { words = [] }

  /// A set without members, with room for so many.
  init(capacity: Int) {
    words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
  }

  mutating func insert(_ member: Int) {
    while words.count <= member / 64 { words.append(0) }
    words[member / 64] |= 1 << UInt64(member % 64)
  }

  /// Takes out a member; sets that grew and shrank again equal those that never did only if they
  /// have the same room.
  mutating func remove(_ member: Int) {
    guard member / 64 < words.count else { return }
    words[member / 64] &= ~(1 << UInt64(member % 64))
  }

  func contains(_ member: Int) -> Bool {
    member / 64 < words.count && words[member / 64] & 1 << UInt64(member % 64) != 0
  }

  /// Makes room for so many, so that equal sets are equal values.
  mutating func reserve(_ capacity: Int) {
    while words.count < (capacity + 63) / 64 { words.append(0) }
  }

  /// The members of both.
  mutating func formUnion(_ other: OperationSet) {
    reserve(other.words.count * 64)
    for (place, word) in other.words.enumerated() { words[place] |= word }
  }

  /// Takes out the members of a word.
  mutating func subtract(_ word: UInt64, at place: Int) {
    if place < words.count { words[place] &= ~word }
  }

  /// Whether all its members are in another one.
  func isSubset(of other: OperationSet) -> Bool {
    words.indices.allSatisfy { words[$0] & ~other.word($0) == 0 }
  }

  /// A word of the set, 0 behind its end.
  func word(_ place: Int) -> UInt64 { place < words.count ? words[place] : 0 }
}
