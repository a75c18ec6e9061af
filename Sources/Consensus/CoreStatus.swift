/// How a core stands at one moment.
package struct CoreStatus: Equatable, Sendable {
  /// What a node is to its cluster.
  package enum Role: String, Sendable {
    /// Follows a leader, or waits for one.
    case follower
    /// Asks for votes.
    case candidate
    /// Orders requests.
    case leader
  }

  /// What this node is.
  package var role: Role
  /// Its term.
  package var term: Term
  /// The leader it knows, itself included.
  package var leader: NodeID?
  /// The newest entry known to be committed.
  package var commitIndex: LogIndex
  /// The newest entry of its log.
  package var lastIndex: LogIndex
  /// The oldest entry of its log: those before it are in a snapshot.
  package var firstIndex = LogIndex(1)
  /// When a valid word of the current leader last arrived (for a leader: when a majority last
  /// answered), in monotonic microseconds; nil if there is no leader.
  package var leaderContactMicroseconds: UInt64?
  /// Whether it counts.
  package var admission: AdmissionStatus
  /// What it has lost of its journal and not got back; nil if it is whole.
  package var repair: RepairStatus?

  package init(
    role: Role,
    term: Term,
    leader: NodeID?,
    commitIndex: LogIndex,
    lastIndex: LogIndex,
    leaderContactMicroseconds: UInt64?,
    admission: AdmissionStatus = .admitted
  ) {
    self.role = role
    self.term = term
    self.leader = leader
    self.commitIndex = commitIndex
    self.lastIndex = lastIndex
    self.leaderContactMicroseconds = leaderContactMicroseconds
    self.admission = admission
  }
}
