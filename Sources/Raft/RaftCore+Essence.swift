package import Consensus
package import Wire

// What a core will do from here on, apart from how it came here.
extension RaftCore {
  /// Writes all that decides what this core does next, the content of its entries excepted.
  ///
  /// Cores with equal logs that write equal bytes answer equal calls with equal messages and
  /// records, whatever their past: times count from now and end where no timer can tell them
  /// apart, journal positions count from what is durable. That holds while election timeouts do
  /// not vary, no disk is ever too slow, and nobody reads or hands leadership over.
  ///
  /// - Parameters:
  ///   - writer: What is written to.
  ///   - naming: Turns a member into a byte. Another naming writes what a cluster with its
  ///     members so exchanged would.
  package func writeEssence(into writer: inout ByteWriter, naming: (Member) -> UInt8) {
    invariant(distrusted.isEmpty, "the essence of a core whose cluster agrees")
    invariant(isWhole, "the essence of a core that has lost nothing")
    writer.write(currentTerm)
    writer.write(votedFor.map(naming) ?? 0)
    writer.write(log.base.index)
    writer.write(log.lastIndex)
    writer.write(commitIndex)
    writer.write(handedOutIndex)
    writer.write(durableIndex)
    writer.write(lastPosition - durablePosition)
    writer.write(beyondDurable(hardStatePosition))
    var index = durableIndex.next
    while index <= log.lastIndex {
      writer.write(beyondDurable(log.position(at: index)))
      index = index.next
    }
    writer.write(hasRoom)
    writer.write(hasRoomForRemovals)
    switch role {
    case .follower(let state):
      writer.write(UInt8(1))
      writer.write(state.leader.map(naming) ?? 0)
      writer.write(state.verifiedIndex)
      invariant(state.readsCount == 0, "the essence of a core that is not asked to read")
      writeTimers(into: &writer)
    case .preCandidate(let granted):
      writer.write(UInt8(2))
      writer.writeBlob(granted.map(naming).sorted())
      writeTimers(into: &writer)
    case .candidate(let granted):
      writer.write(UInt8(3))
      writer.writeBlob(granted.map(naming).sorted())
      writeTimers(into: &writer)
    case .leader(let state):
      writer.write(UInt8(4))
      write(state, into: &writer, naming: naming)
    }
  }

  /// A leader has no election timer: it draws a new one when it leaves office.
  private func writeTimers(into writer: inout ByteWriter) {
    writer.write(remaining(until: electionDeadline))
    let isHeard = leaderHeardAt != nil
    writer.write(isHeard)
    if let leaderHeardAt {
      writer.write(age(of: leaderHeardAt, max: options.electionTimeoutMinMicroseconds))
    }
    writer.write(leaderWasHeardThisTurn)
    writer.write(secondChanceAt != nil)
  }

  private func write(
    _ state: LeaderState,
    into writer: inout ByteWriter,
    naming: (Member) -> UInt8
  ) {
    invariant(state.reads.count == 0, "the essence of a leader that is not asked to read")
    invariant(state.transfer == nil, "the essence of a leader that stays")
    writer.write(state.termStart)
    writer.write(state.round)
    writer.write(remaining(until: state.nextHeartbeatAt))
    writer.write(remaining(until: state.quorumCheckAt))
    for follower in state.followers.sorted(by: { naming($0.member) < naming($1.member) }) {
      writer.write(naming(follower.member))
      write(follower, into: &writer)
    }
  }

  private func write(_ follower: FollowerProgress, into writer: inout ByteWriter) {
    writer.write(follower.matchIndex)
    writer.write(follower.nextIndex)
    // Whoever never answered is as one who answered long ago.
    writer.write(age(of: follower.heardAt ?? 0, max: options.electionTimeoutMaxMicroseconds + 1))
    writer.write(follower.answeredRound)
    writer.write(follower.toldCommitIndex)
    writer.write(follower.hasRoom)
    switch follower.state {
    case .probe(let sentAt):
      writer.write(UInt8(sentAt == nil ? 1 : 2))
      if let sentAt { writer.write(age(of: sentAt, max: options.resendMicroseconds)) }
    case .stream(let movedAt):
      // With nothing in flight it does not matter when something last moved.
      let isWaiting = follower.nextIndex > follower.matchIndex.next
      writer.write(UInt8(isWaiting ? 4 : 3))
      if isWaiting { writer.write(age(of: movedAt, max: options.resendMicroseconds)) }
    case .snapshot:
      invariant(false, "the essence of a leader that sends no snapshot")
    }
  }

  private func beyondDurable(_ position: UInt64) -> UInt64 {
    position > durablePosition ? position - durablePosition : 0
  }

  private func remaining(until deadline: UInt64) -> UInt64 {
    deadline > microseconds ? deadline - microseconds : 0
  }

  private func age(of moment: UInt64, max: UInt64) -> UInt64 {
    min(microseconds - moment, max)
  }
}
