/// Names a read at the node where it was submitted, until it is answered.
package struct ReadID: Hashable, Sendable {
  /// The number itself, unique within one start of a node.
  package let rawValue: UInt64

  /// A read of this number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// A read that is linearizable if answered from a state that includes `index`.
package struct Readable: Equatable, Sendable {
  /// Which read.
  package var id: ReadID
  /// What the state must include.
  package var index: LogIndex

  package init(id: ReadID, index: LogIndex) {
    self.id = id
    self.index = index
  }
}
