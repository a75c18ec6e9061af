/// What is known about the effect of a request that got no ordinary reply.
package enum Outcome: UInt8, Sendable {
  /// It took effect, and durably.
  case done = 0
  /// It did not take effect and, unless sent again, never will.
  case notApplied = 1
  /// It may have taken effect, or may yet.
  case unknown = 2
}

/// Why the replicated part did not carry out a request.
package enum Refusal: Hashable, Sendable {
  /// This node does not lead; the leader is named where it is known.
  case notLeader(leader: NodeID?)
  /// The node lost its leadership while the request was on its way.
  case leadershipLost
  /// Leadership is being handed over; try again in a moment.
  case transferInProgress
  /// More is waiting than the node is willing to hold.
  case overloaded
  /// The journal has no room for a client's write.
  case diskFull
  /// No leader could be confirmed in time.
  case noLeader
  /// The session has expired, was closed, or never was.
  case sessionExpired
  /// The client has said that it saw the answer of this sequence.
  case sequenceAnswered
  /// The sequence lies more than a window above what the client has seen answered.
  case sequencePastWindow
  /// `outcome` was asked before the write arrived, and decided that it never happens.
  case sequenceSealed
  /// Every session slot is taken by a session in use.
  case tooManySessions
  /// A stale read found the leader's last word too old.
  case tooStale
  /// The target of a transfer is unknown, is this node, or did not take over.
  case transferFailed
  /// The request's own deadline passed before it was proposed.
  case deadlinePassed
  /// The nodes' states differ, and no majority is known to agree.
  case statesDiffer
  /// This node's state differs from a majority's.
  case fenced
  /// An earlier change of the members is not through yet.
  case changeInProgress
  /// The leader has not committed an entry of its own term yet.
  case leaderUnsettled
  /// There is no such member, or no such voter.
  case memberUnknown
  /// There is such a member already, or the id belongs to another data directory.
  case memberExists
  /// There would be no voter, too many voters or learners, or an address that is none or
  /// another's.
  case membersOutOfBounds
  /// Too few of the voters to come were heard lately.
  case quorumWouldBeLost
  /// The learner has not caught up.
  case learnerBehind
  /// Not every member's build can carry out the command.
  case notOfferedByAll

  /// What is known about the effect.
  package var outcome: Outcome {
    switch self {
    case .leadershipLost: .unknown
    case .notLeader, .transferInProgress, .overloaded, .diskFull, .noLeader, .sessionExpired,
      .sequenceAnswered, .sequencePastWindow, .sequenceSealed, .tooManySessions, .tooStale,
      .transferFailed, .deadlinePassed, .statesDiffer, .fenced, .changeInProgress,
      .leaderUnsettled, .memberUnknown, .memberExists, .membersOutOfBounds, .quorumWouldBeLost,
      .learnerBehind, .notOfferedByAll:
      .notApplied
    }
  }
}
