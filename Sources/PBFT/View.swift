/// A view: the time in which one primary orders blocks (PBFT §4); the first is 0.
package struct View: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt64

  /// A view of this number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The first view; it begins without a new-view message.
  package static let zero = View(0)

  /// The following view.
  package var next: View { View(rawValue + 1) }

  /// Orders views by number.
  package static func < (left: View, right: View) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The place of a block in the chain: 1 and up; 0 is the block that every chain begins with.
package struct SequenceNumber: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt64

  /// A sequence number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The place of the block that every chain begins with.
  package static let zero = SequenceNumber(0)

  /// The following place.
  package var next: SequenceNumber { SequenceNumber(rawValue + 1) }

  /// The place so many blocks on.
  package static func + (number: SequenceNumber, distance: UInt64) -> SequenceNumber {
    SequenceNumber(number.rawValue + distance)
  }

  /// Orders places by number.
  package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The number of a replica: its place among the members, in order of node id, from 0.
package struct ReplicaNumber: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt8

  /// A replica of this number.
  package init(_ rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Where it stands in an array of all replicas.
  package var place: Int { Int(rawValue) }

  /// Orders replicas by number.
  package static func < (left: ReplicaNumber, right: ReplicaNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Where a block was born: ordered by view first, then by sequence number.
///
/// To order certificates by sequence number alone is unsafe: a longer chain of an older view may
/// never have committed, while a shorter one of a newer view has.
package struct BlockPlace: Hashable, Comparable, Sendable {
  /// The view it was proposed in, for ever.
  package let view: View
  /// Its place in the chain.
  package let sequenceNumber: SequenceNumber

  /// A place.
  package init(_ view: View, _ sequenceNumber: SequenceNumber) {
    self.view = view
    self.sequenceNumber = sequenceNumber
  }

  /// The place of the block that every chain begins with.
  package static let zero = BlockPlace(.zero, .zero)

  /// View first, then sequence number.
  package static func < (left: BlockPlace, right: BlockPlace) -> Bool {
    (left.view, left.sequenceNumber) < (right.view, right.sequenceNumber)
  }
}
