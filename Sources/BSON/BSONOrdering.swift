/// How one value stands to another.
package enum BSONOrdering: Sendable {
  /// The first comes before the second.
  case less
  /// Neither comes before the other.
  case equal
  /// The first comes after the second.
  case greater

  init<Item: Comparable>(_ left: Item, _ right: Item) {
    self = left < right ? .less : left == right ? .equal : .greater
  }

  /// Bytes compare unsigned, the shorter first.
  init(bytes left: Span<UInt8>, _ right: Span<UInt8>) {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      self = left[index] < right[index] ? .less : .greater
      return
    }
    self.init(left.count, right.count)
  }

  /// The answer with both sides exchanged.
  package var reversed: BSONOrdering {
    switch self {
    case .less: .greater
    case .equal: .equal
    case .greater: .less
    }
  }

  /// This answer, or the next question's where this one found no difference.
  func then(_ next: @autoclosure () -> BSONOrdering) -> BSONOrdering {
    self == .equal ? next() : self
  }
}
