/// Names a connection of one event loop; a name is never used for a second one.
package struct ConnectionID: Hashable, Sendable {
  let descriptor: Int32
  let generation: UInt64
}
