import Consensus
import Wire

/// Who votes, who learns, and what a quorum is: the one place where quorums are computed.
///
/// While the voters change there are two groups of them, and a quorum is a majority of each: no
/// majority of one group alone can decide anything (Raft §6).
struct Membership: Hashable, Sendable {
  static let votersMax = 7
  static let learnersMax = 7

  /// Where everybody is reached, and the settings of the cluster.
  let configuration: ClusterConfiguration
  /// Those who vote, in both groups.
  let voters: [Member]
  /// Voters and learners: all who are sent the log.
  let everybody: [Member]
  private let incoming: [Member]
  private let outgoing: [Member]

  init(_ configuration: ClusterConfiguration) {
    self.configuration = configuration
    incoming = configuration.seats.map(\.member)
    outgoing = configuration.outgoing.map(\.member)
    voters = incoming + outgoing.filter { [incoming] in !incoming.contains($0) }
    everybody = configuration.everybody.map(\.member)
  }

  /// Nobody's, before the first configuration is known: it has no quorum.
  static let unknown = Membership(ClusterConfiguration(seats: []))

  /// Whether a member is sent the log.
  func contains(_ member: Member) -> Bool { everybody.contains(member) }

  func isVoter(_ member: Member) -> Bool { voters.contains(member) }

  /// Whether a member decides everything by itself.
  func isOnlyVoter(_ member: Member) -> Bool { voters == [member] }

  /// Everybody who is sent the log, but one.
  func others(than member: Member) -> [Member] { everybody.filter { $0 != member } }

  /// Everybody who votes, but one.
  func otherVoters(than member: Member) -> [Member] { voters.filter { $0 != member } }

  /// Whether a member votes and goes on to vote.
  func staysVoter(_ member: Member) -> Bool { incoming.contains(member) }

  /// The member with a node id, if it votes and goes on to.
  func stayingVoter(_ id: NodeID) -> Member? { incoming.first { $0.id == id } }

  /// Whether something holds for a quorum.
  func hasQuorum(_ holds: (Member) -> Bool) -> Bool {
    Self.isMajority(of: incoming, holds)
      && (outgoing.isEmpty || Self.isMajority(of: outgoing, holds))
  }

  /// The greatest value that a quorum has reached.
  func quorumValue<Value: Comparable>(_ value: (Member) -> Value) -> Value {
    let reached = Self.majorityValue(of: incoming, value)
    return outgoing.isEmpty ? reached : min(reached, Self.majorityValue(of: outgoing, value))
  }

  private static func isMajority(of group: [Member], _ holds: (Member) -> Bool) -> Bool {
    group.count(where: holds) > group.count / 2
  }

  private static func majorityValue<Value: Comparable>(
    of group: [Member],
    _ value: (Member) -> Value
  ) -> Value {
    group.map(value).sorted()[(group.count - 1) / 2]
  }
}

// What a log may contain.
extension Membership {
  /// Refuses a configuration that no log may contain: without voters, with too many of somebody,
  /// or with one twice.
  static func validate(_ configuration: ClusterConfiguration, at offset: Int) throws(WireError) {
    guard isValid(configuration) else {
      throw .badValue("cluster configuration", offset: offset)
    }
  }

  private static func isValid(_ configuration: ClusterConfiguration) -> Bool {
    let voters = configuration.seats.map(\.member)
    let leaving = configuration.outgoing.map(\.member)
    let learners = configuration.learners.map(\.seat.member)
    guard (1...votersMax).contains(voters.count), leaving.count <= votersMax,
      learners.count <= learnersMax,
      [voters, leaving, learners].allSatisfy(isInOrder)
    else { return false }
    return configuration.learners.allSatisfy { learner in
      let member = learner.seat.member
      guard !voters.contains(member), !leaving.contains(member) else { return false }
      // An id stands twice only where its own new data directory replaces it.
      let isTaken = voters.contains { $0.id == member.id }
      if isTaken && learner.replaces != member.id { return false }
      guard let replaced = learner.replaces else { return true }
      return voters.contains { $0.id == replaced }
    }
  }

  private static func isInOrder(_ members: [Member]) -> Bool {
    zip(members, members.dropFirst()).allSatisfy { $0.id < $1.id }
  }
}
