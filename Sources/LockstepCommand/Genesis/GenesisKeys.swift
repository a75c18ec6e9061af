import Consensus

/// Who may sign what in a cluster of mode bft: the public halves of all keys.
struct GenesisKeys: Equatable, Sendable {
  /// A client and the name its operator knows it by.
  struct Client: Equatable, Sendable {
    var name: String
    var key: PublicKey
  }

  /// The most clients that a file may name.
  static let clientsMax = 1_000
  /// How many members there may be: n = 3f + 1, and one alone for those who develop.
  static let memberCounts = [1, 4, 7]

  /// The members' keys, in the order of the seats.
  var members: [PublicKey]
  var clients: [Client]

  /// Says what is wrong with a number of members, or nil if nothing is.
  static func objection(toMembers count: Int) -> String? {
    guard !memberCounts.contains(count) else { return nil }
    return "\(count) members; mode bft needs n = 3f + 1: 1, 4 or 7"
  }
}
