/// The random number of one data directory: a wiped disk that comes back is another incarnation.
package struct Incarnation: Hashable, Sendable {
  /// The number itself; 0 stands for nobody.
  package let rawValue: UInt64

  /// An incarnation of this number.
  package init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// A node together with its data directory, whether it votes or only learns.
///
/// Promises are made by members, not by ids.
package struct Member: Hashable, Sendable {
  /// The node's number.
  package let id: NodeID
  /// The data directory that the node must show.
  package let incarnation: Incarnation

  package init(id: NodeID, incarnation: Incarnation) {
    self.id = id
    self.incarnation = incarnation
  }
}
