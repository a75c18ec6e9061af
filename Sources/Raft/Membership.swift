import Consensus
import Wire

/// Who votes, and what a quorum of them is: the one place where quorums are computed.
struct Membership: Hashable, Sendable {
  private static let votersMax = 7

  /// Where everybody is reached, and the settings of the cluster.
  let configuration: ClusterConfiguration
  /// The voters, in order of node id.
  let voters: [Member]

  init(_ configuration: ClusterConfiguration) {
    self.configuration = configuration
    voters = configuration.seats.map(\.member)
  }

  func contains(_ member: Member) -> Bool { voters.contains(member) }

  /// Whether a member decides everything by itself.
  func isOnlyVoter(_ member: Member) -> Bool { voters == [member] }

  /// Everybody but one.
  func others(than member: Member) -> [Member] { voters.filter { $0 != member } }

  /// The member with a node id, if it votes.
  func voter(_ id: NodeID) -> Member? { voters.first { $0.id == id } }

  /// Whether something holds for a quorum.
  func hasQuorum(_ holds: (Member) -> Bool) -> Bool {
    voters.count(where: holds) > voters.count / 2
  }

  /// The greatest value that a quorum has reached.
  func quorumValue<Value: Comparable>(_ value: (Member) -> Value) -> Value {
    voters.map(value).sorted()[(voters.count - 1) / 2]
  }

  /// Refuses a configuration that no log may contain: without voters, with too many, or with
  /// one twice.
  static func validate(_ configuration: ClusterConfiguration, at offset: Int) throws(WireError) {
    let seats = configuration.seats
    guard (1...votersMax).contains(seats.count),
      zip(seats, seats.dropFirst()).allSatisfy({ $0.member.id < $1.member.id })
    else { throw .badValue("cluster configuration", offset: offset) }
  }
}
