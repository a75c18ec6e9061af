/// A node that is to be added to a cluster.
public struct NewNode: Hashable, Sendable {
  /// Its number, which nobody has had before.
  public var id: UInt32
  /// The random number of its data directory, which `lockstep server init` shows.
  public var incarnation: UInt64
  /// Where clients reach it.
  public var address: String
  /// Where the other nodes reach it.
  public var peerAddress: String
  /// Whether it waits to be promoted by hand.
  public var isHeld = false
  /// The voter whose place it takes once it has caught up.
  public var replaces: UInt32?

  /// A node.
  public init(id: UInt32, incarnation: UInt64, address: String, peerAddress: String) {
    self.id = id
    self.incarnation = incarnation
    self.address = address
    self.peerAddress = peerAddress
  }
}
