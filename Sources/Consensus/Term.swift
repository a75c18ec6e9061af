/// A Raft term (Raft §5.1); 0 is the time before the first election.
package struct Term: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt64

  /// A term of this number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The term that the next election is held for.
  package var next: Term { Term(rawValue + 1) }

  /// Orders terms by number.
  @inlinable
  package static func < (left: Term, right: Term) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension Term: CustomStringConvertible {
  /// The bare number.
  package var description: String { "\(rawValue)" }
}
