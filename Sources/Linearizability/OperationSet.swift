/// Which operations have been put in order, one bit each.
struct OperationSet: Hashable {
  private var words: [UInt64]

  init(capacity: Int) {
    words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
  }

  mutating func insert(_ operation: Int) {
    words[operation / 64] |= 1 << UInt64(operation % 64)
  }

  mutating func remove(_ operation: Int) {
    words[operation / 64] &= ~(1 << UInt64(operation % 64))
  }
}
