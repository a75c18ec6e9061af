/// A node as it shows itself in a handshake.
package struct NodeCard: Equatable, Sendable {
  /// Its number.
  package var id: UInt32
  /// The random number of its data directory.
  package var incarnation: UInt64
  /// Counts its starts.
  package var boot: UInt64
  /// How far its journal is durable.
  package var durablePosition: UInt64

  package init(id: UInt32, incarnation: UInt64, boot: UInt64, durablePosition: UInt64) {
    self.id = id
    self.incarnation = incarnation
    self.boot = boot
    self.durablePosition = durablePosition
  }
}
