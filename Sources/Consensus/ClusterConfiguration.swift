/// Who the members are, where they are reached, and what all of them must agree on.
///
/// The first entry of every log; replicated state from then on.
package struct ClusterConfiguration: Hashable, Sendable {
  /// A member and its addresses, each `HOST:PORT`, at most 255 bytes.
  package struct Seat: Hashable, Sendable {
    /// Who sits here.
    package var member: Member
    /// Where clients reach it.
    package var clientAddress: String
    /// Where the other members reach it.
    package var peerAddress: String

    package init(member: Member, clientAddress: String, peerAddress: String) {
      self.member = member
      self.clientAddress = clientAddress
      self.peerAddress = peerAddress
    }
  }

  /// A member that is sent everything and decides nothing (thesis §4.2.1).
  package struct Learner: Hashable, Sendable {
    /// Who learns.
    package var seat: Seat
    /// Whether it becomes a voter as soon as it has caught up.
    package var promotesItself: Bool
    /// The voter whose place it then takes; its own id where it comes with a new data directory.
    package var replaces: NodeID?

    package init(seat: Seat, promotesItself: Bool, replaces: NodeID? = nil) {
      self.seat = seat
      self.promotesItself = promotesItself
      self.replaces = replaces
    }
  }

  /// The voters, sorted by node id; 1 to 7 of them.
  package var seats: [Seat]
  /// Those who learn, sorted by node id; at most 7.
  package var learners: [Learner] = []
  /// The voters of before while they change, sorted by node id: both groups must agree (Raft §6).
  package var outgoing: [Seat] = []
  /// How long a session lives without a write, in microseconds of log time.
  package var sessionTimeoutMicroseconds: UInt64
  /// The most sessions that may be open at once.
  package var sessionsMax: UInt32

  /// A configuration without learners; the seats are put in order of node id.
  package init(
    seats: [Seat],
    sessionTimeoutMicroseconds: UInt64 = 30 * 60 * 1_000_000,
    sessionsMax: UInt32 = 10_000
  ) {
    self.seats = seats.sorted { $0.member.id < $1.member.id }
    self.sessionTimeoutMicroseconds = sessionTimeoutMicroseconds
    self.sessionsMax = sessionsMax
  }

  /// Whether the voters change: decisions need a majority of the old and one of the new.
  package var isJoint: Bool { !outgoing.isEmpty }

  /// Everybody who has to do with the cluster, each member once: voters, leaving voters, learners.
  package var everybody: [Seat] {
    guard isJoint || !learners.isEmpty else { return seats }
    let leaving = outgoing.filter { seat in !seats.contains { $0.member == seat.member } }
    return seats + leaving + learners.map(\.seat)
  }

  /// The seat of a node, if it has one; a voter's where an id has two.
  package func seat(of id: NodeID) -> Seat? {
    seats.first { $0.member.id == id } ?? everybody.first { $0.member.id == id }
  }

  /// The seat of a member, if it has one.
  package func seat(of member: Member) -> Seat? {
    everybody.first { $0.member == member }
  }
}
