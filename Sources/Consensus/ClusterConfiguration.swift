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

    /// A seat.
    package init(member: Member, clientAddress: String, peerAddress: String) {
      self.member = member
      self.clientAddress = clientAddress
      self.peerAddress = peerAddress
    }
  }

  /// The voters, sorted by node id; 1 to 7 of them.
  package var seats: [Seat]
  /// How long a session lives without a write, in microseconds of log time.
  package var sessionTimeoutMicroseconds: UInt64
  /// The most sessions that may be open at once.
  package var sessionsMax: UInt32

  /// A configuration; the seats are put in order of node id.
  package init(
    seats: [Seat],
    sessionTimeoutMicroseconds: UInt64 = 30 * 60 * 1_000_000,
    sessionsMax: UInt32 = 10_000
  ) {
    self.seats = seats.sorted { $0.member.id < $1.member.id }
    self.sessionTimeoutMicroseconds = sessionTimeoutMicroseconds
    self.sessionsMax = sessionsMax
  }

  /// The seat of a node, if it has one.
  package func seat(of id: NodeID) -> Seat? {
    seats.first { $0.member.id == id }
  }
}
