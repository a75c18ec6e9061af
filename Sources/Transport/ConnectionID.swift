/// Names a connection of one event loop; a name is never used for a second one.
package struct ConnectionID: Hashable, Sendable {
  let descriptor: Int32
  let generation: UInt64

  /// No other connection of its loop has the same.
  package var number: UInt64 { generation }
}
