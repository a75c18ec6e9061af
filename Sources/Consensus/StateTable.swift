package import Wire

/// A part of the state whose entries come and go by themselves: a collection, the sessions.
package struct StateTable: Equatable, Sendable {
  /// Its name; no two tables of a state share one.
  package var name: Bytes
  /// What else is known of it: a few bytes, at most `headSizeMax`.
  package var head: [UInt8]
  /// What it holds; the order means nothing.
  package var entries: [StateEntry]

  /// The largest head.
  package static let headSizeMax = 256

  package init(name: Bytes, head: [UInt8], entries: [StateEntry]) {
    self.name = name
    self.head = head
    self.entries = entries
  }
}
