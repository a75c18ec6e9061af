import Consensus

/// What must hold of every state and of every step; checked at each call, in every build.
///
/// The ids are those of the project's list of invariants.
enum RaftInvariants {
  /// The little of a state that a step is judged by.
  struct Summary: Hashable, Sendable {
    let term: Term
    let votedFor: Member?
    let isLeader: Bool
    /// Whether it leads or asks for votes.
    let isStanding: Bool
    let isAdmitted: Bool
    /// Whether its log has all that it ever had to hold.
    let isWhole: Bool
    /// Whether it knows what a log must hold to hold all that it promised.
    let mayVote: Bool
    let commitIndex: LogIndex
    let handedOutIndex: LogIndex
    let durableIndex: LogIndex
    let baseIndex: LogIndex
    let lastIndex: LogIndex
    let truncationCount: Int
    let durablePosition: UInt64
    let lastPosition: UInt64
  }

  /// What holds at any moment.
  static func check(_ state: Summary) {
    invariant(state.commitIndex <= state.lastIndex, "S9: the log contains what is committed")
    invariant(state.isAdmitted || !state.isLeader, "M7: only whoever is admitted leads")
    invariant(state.isWhole || !state.isStanding, "W5: whoever has lost something does not stand")
    invariant(state.durableIndex <= state.lastIndex, "S3: the log contains what is durable")
    invariant(
      state.handedOutIndex <= state.commitIndex,
      "S7: only committed entries are applied"
    )
    invariant(state.baseIndex <= state.handedOutIndex, "W1: only what was applied is forgotten")
    invariant(state.baseIndex <= state.durableIndex, "W1: only what is durable is forgotten")
    invariant(
      state.durablePosition <= state.lastPosition,
      "S3: only records that were written are durable"
    )
  }

  /// What holds of a leader and each of its followers.
  static func check(_ leader: LeaderState, lastIndex: LogIndex) {
    for follower in leader.followers {
      invariant(follower.matchIndex <= lastIndex, "S5: no follower matches beyond the log")
      invariant(follower.nextIndex > follower.matchIndex, "S5: what matches is not sent again")
      invariant(follower.nextIndex <= lastIndex.next, "S5: only what exists is sent")
      invariant(follower.answeredRound <= leader.round, "R1: only started rounds are answered")
    }
  }

  /// What holds between a configuration and the next in a log: any quorum of one and any of the
  /// other overlap (M1).
  static func check(from before: ClusterConfiguration, to after: ClusterConfiguration) {
    let voters = before.seats.map(\.member)
    if before.isJoint {
      invariant(!after.isJoint, "M3: a joint configuration is followed by the new one alone")
    }
    if after.isJoint {
      invariant(after.outgoing == before.seats, "M1: the voters of before have their say")
    } else {
      invariant(after.seats.map(\.member) == voters, "M1: voters change jointly alone")
    }
  }

  /// What holds where a node has been repaired: it holds durably a place that proves that nothing
  /// is missing.
  static func check(isRepaired target: LogMark?, in log: RaftLog, durableThrough: LogIndex) {
    guard let target else { return invariant(false, "W4: nobody is whole without a word for it") }
    invariant(target.index <= durableThrough, "W4: what was lost is on the disk again")
    invariant(
      target.index <= log.base.index || log.term(at: target.index) == target.term,
      "W4: what was lost is in the log again"
    )
  }

  /// What holds between a state and the next.
  static func check(before: Summary, after: Summary) {
    check(after)
    invariant(after.term >= before.term, "S10: a term never goes back")
    invariant(after.commitIndex >= before.commitIndex, "S10: a commit index never goes back")
    invariant(after.baseIndex >= before.baseIndex, "W1: what is forgotten stays so")
    invariant(
      after.handedOutIndex >= before.handedOutIndex,
      "S7: no entry is applied again"
    )
    invariant(
      after.durablePosition >= before.durablePosition,
      "S3: what is durable stays so"
    )
    invariant(
      after.lastPosition >= before.lastPosition,
      "S10: journal positions never go back"
    )
    invariant(
      before.isAdmitted || after.votedFor == nil || after.votedFor == before.votedFor,
      "M7: only whoever is admitted votes"
    )
    invariant(
      before.mayVote || after.votedFor == nil || after.votedFor == before.votedFor,
      "W5: whoever does not know what it promised does not vote"
    )
    invariant(after.isWhole || !before.isWhole, "W4: nothing is lost but before a start")
    guard after.term == before.term else { return }
    invariant(
      before.votedFor == nil || after.votedFor == before.votedFor,
      "S2: one vote in a term"
    )
    guard before.isLeader else { return }
    invariant(
      after.truncationCount == before.truncationCount && after.lastIndex >= before.lastIndex,
      "S4: a leader only appends"
    )
  }
}
