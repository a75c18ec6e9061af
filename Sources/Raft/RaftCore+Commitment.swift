import Consensus

// Raft §5.4.2: when an entry is there for good.
extension RaftCore {
  private static let committedEntriesMax = 65_536

  /// Advances `commitIndex` to the newest entry of this term that a quorum holds durably.
  ///
  /// Entries of earlier terms commit only beneath one of ours: a quorum may hold an old entry
  /// and still lose it to a later leader (Raft §5.4.2, Figure 8). The leader counts itself like
  /// any other, only with what its own disk has confirmed (thesis §10.2.1).
  mutating func advanceCommitIndex() {
    guard let state = role.leader else { return }
    let stored = membership.quorumValue { member in
      member == identity.member
        ? durableIndex : state.follower(member)?.matchIndex ?? .zero
    }
    guard stored > commitIndex, log.term(at: stored) == currentTerm else { return }
    let before = commitIndex
    commitIndex = stored
    commitAdvancedAt = microseconds
    releaseHeldReads()
    if before < max(configurationIndex, state.termStart) { continueReconfiguration() }
  }

  /// A follower takes the leader's word only for the prefix found equal to the leader's log.
  mutating func learnCommitIndex(_ leaderCommitIndex: LogIndex) {
    guard let verifiedIndex = role.follower?.verifiedIndex else { return }
    commitIndex = max(commitIndex, min(leaderCommitIndex, verifiedIndex))
  }

  /// Hands committed entries out to be applied; what is beyond a turn's bound follows in the
  /// next.
  mutating func handOutCommitted() {
    guard handedOutIndex < commitIndex else { return }
    effects.committed.reserveCapacity(min(commitIndex - handedOutIndex, Self.committedEntriesMax))
    var size = 0
    var count = 0
    while handedOutIndex < commitIndex, count < Self.committedEntriesMax,
      size < options.committedSizeMax
    {
      handedOutIndex = handedOutIndex.next
      let entry = log[handedOutIndex]
      size += entry.size
      count += 1
      effects.committed.append(
        Committed(
          index: handedOutIndex,
          term: entry.term,
          logTimeMicroseconds: entry.logTimeMicroseconds,
          wallMilliseconds: entry.wallMilliseconds,
          payload: entry.payload
        )
      )
    }
    effects.hasMoreCommitted = handedOutIndex < commitIndex
  }
}
