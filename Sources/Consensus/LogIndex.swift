/// The place of an entry in the replicated log: 1 and up; 0 stands before the first entry.
///
/// It is also the *revision* of every document that the entry changed.
package struct LogIndex: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt64

  /// An index of this number.
  @inlinable
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The place before the first entry.
  package static let zero = LogIndex(0)

  /// The following index.
  @inlinable
  package var next: LogIndex { LogIndex(rawValue + 1) }

  /// The index before this one; there is none before zero.
  @inlinable
  package var previous: LogIndex {
    invariant(rawValue > 0, "no index lies before zero")
    return LogIndex(rawValue - 1)
  }

  /// The index `distance` places on.
  @inlinable
  package static func + (index: LogIndex, distance: Int) -> LogIndex {
    LogIndex(index.rawValue + UInt64(distance))
  }

  /// How many places lie between two indexes; negative if `left` comes first.
  @inlinable
  package static func - (left: LogIndex, right: LogIndex) -> Int {
    Int(Int64(bitPattern: left.rawValue &- right.rawValue))
  }

  /// Orders indexes by number.
  @inlinable
  package static func < (left: LogIndex, right: LogIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension LogIndex: CustomStringConvertible {
  /// The bare number.
  package var description: String { "\(rawValue)" }
}
