/// The number an operator gave a node: 1 and up, unique in its cluster, never reused.
package struct NodeID: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt32

  /// A node of this number.
  package init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Orders nodes by number.
  package static func < (left: NodeID, right: NodeID) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension NodeID: CustomStringConvertible {
  /// `n1`, as logs and tables show it.
  package var description: String { "n\(rawValue)" }
}
