/// Which ids or keys of a collection are meant.
package enum KeyRange: Equatable, Sendable {
  /// All of them.
  case all
  /// Those between two bounds; nil leaves a side open.
  case between(Bound?, Bound?)
  /// String ids that start with these UTF-8 bytes, or keys that start with these bytes.
  case prefix([UInt8])

  /// One end of a range.
  package struct Bound: Equatable, Sendable {
    /// The id or key at the end.
    package var key: [UInt8]
    /// Whether it belongs to the range itself.
    package var isIncluded: Bool

    /// A bound.
    package init(_ key: [UInt8], isIncluded: Bool) {
      self.key = key
      self.isIncluded = isIncluded
    }
  }
}

/// In which direction, how many and how many at a time.
package struct ScanWindow: Equatable, Sendable {
  /// From the greatest id to the smallest.
  package var isReversed: Bool
  /// The most items in all; 0 for no limit.
  package var limit: UInt64
  /// The most items in a page; 0 leaves it to the node.
  package var pageItems: UInt32

  package init(isReversed: Bool = false, limit: UInt64 = 0, pageItems: UInt32 = 0) {
    self.isReversed = isReversed
    self.limit = limit
    self.pageItems = pageItems
  }
}
