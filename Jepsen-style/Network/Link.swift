/// The way from one node to another: what the first says to the second.
package struct Link: Hashable, Sendable {
  /// Who speaks.
  package let from: Int
  /// Who listens.
  package let to: Int

  /// A way.
  package init(from: Int, to: Int) {
    self.from = from
    self.to = to
  }

  /// All ways between nodes, in order.
  package static func all(nodes: Int) -> [Link] {
    (1...nodes).flatMap { from in
      (1...nodes).filter { $0 != from }.map { Link(from: from, to: $0) }
    }
  }
}
