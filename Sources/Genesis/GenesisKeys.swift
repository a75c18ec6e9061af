package import Consensus

/// Who may sign what in a cluster of mode bft: the public halves of all keys.
package struct GenesisKeys: Equatable, Sendable {
  /// A client and the name its operator knows it by.
  package struct Client: Equatable, Sendable {
    /// What the operator calls it.
    package var name: String
    /// Whom it must prove to be.
    package var key: PublicKey

    package init(name: String, key: PublicKey) {
      self.name = name
      self.key = key
    }
  }

  /// The most clients that a file may name.
  package static let clientsMax = 1_000
  /// How many members there may be: n = 3f + 1, and one alone for those who develop.
  package static let memberCounts = [1, 4, 7]

  /// The members' keys, in the order of the seats.
  package var members: [PublicKey]
  /// The clients, in the file's order.
  package var clients: [Client]

  /// Keys of members and clients.
  package init(members: [PublicKey], clients: [Client]) {
    self.members = members
    self.clients = clients
  }

  /// Says what is wrong with a number of members, or nil if nothing is.
  package static func objection(toMembers count: Int) -> String? {
    guard !memberCounts.contains(count) else { return nil }
    return "\(count) members; mode bft needs n = 3f + 1: 1, 4 or 7"
  }
}
