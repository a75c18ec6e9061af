/// What an operator wants changed about the members.
package enum MemberChange: Equatable, Sendable {
  /// Adds a node as a learner.
  case add(Newcomer)
  /// Lets a learner vote.
  case promote(id: UInt32)
  /// Takes a node out.
  case remove(id: UInt32)
  /// Gives up a node that has not been let in yet.
  case cancel(id: UInt32)
  /// A node is reached elsewhere.
  case update(id: UInt32, clientAddress: String, peerAddress: String)

  /// A node that is to be added.
  package struct Newcomer: Equatable, Sendable {
    /// Its number.
    package var id: UInt32
    /// The random number of its data directory.
    package var incarnation: UInt64
    /// Where clients reach it.
    package var clientAddress: String
    /// Where the other members reach it.
    package var peerAddress: String
    /// Whether it votes as soon as it has caught up.
    package var promotesItself: Bool
    /// The voter whose place it then takes; 0 for none.
    package var replaces: UInt32

    /// A node.
    package init(
      id: UInt32,
      incarnation: UInt64,
      addresses: (client: String, peer: String),
      promotesItself: Bool,
      replaces: UInt32
    ) {
      self.id = id
      self.incarnation = incarnation
      clientAddress = addresses.client
      peerAddress = addresses.peer
      self.promotesItself = promotesItself
      self.replaces = replaces
    }
  }
}
