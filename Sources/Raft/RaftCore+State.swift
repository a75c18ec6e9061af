package import Consensus

// What the chapters share: looking at the state, writing records, sending messages.
extension RaftCore {
  /// How things stand.
  package var status: CoreStatus {
    var status = CoreStatus(
      role: statusRole,
      term: currentTerm,
      leader: leaderID,
      commitIndex: commitIndex,
      lastIndex: log.lastIndex,
      leaderContactMicroseconds: role.leader.map(quorumHeardAt) ?? leaderHeardAt,
      admission: admission.status
    )
    status.firstIndex = log.base.index.next
    status.repair = repairStatus
    return status
  }

  /// Whether something holds of a quorum.
  package func hasQuorum(_ holds: (Member) -> Bool) -> Bool { membership.hasQuorum(holds) }

  /// Where the configuration in use stands, if it is known to be committed.
  package var committedConfigurationIndex: LogIndex? {
    configurationIndex > .zero && configurationIndex <= commitIndex ? configurationIndex : nil
  }

  /// The leader this node knows, itself included.
  package var leaderID: NodeID? { leader?.id }

  /// The newest entry of the log.
  package var lastIndex: LogIndex { log.lastIndex }

  /// The place behind which the log still holds entries.
  package var logBase: LogMark { log.base }

  /// The bytes of the entries that the log still holds.
  package var logSize: Int { log.size(after: log.base.index, through: log.lastIndex) }

  /// Whether this leader is sending a snapshot to somebody.
  package var isSendingSnapshot: Bool {
    role.leader?.followers.contains { $0.sending != nil } ?? false
  }

  /// The entry at an index, if the log holds it.
  package func entry(at index: LogIndex) -> LogEntry? {
    log.contains(index) ? log[index] : nil
  }

  private var statusRole: CoreStatus.Role {
    switch role {
    case .follower: .follower
    case .preCandidate, .candidate: .candidate
    case .leader: .leader
    }
  }

  /// The leader this node knows, itself included.
  var leader: Member? {
    switch role {
    case .follower(let state): state.leader
    case .preCandidate, .candidate: nil
    case .leader: identity.member
    }
  }

  /// Whether this node's own state is in doubt.
  var isDistrusted: Bool { distrusted.contains(identity.member.id) }

  var microseconds: UInt64 { now.monotonicMicroseconds }

  var summary: RaftInvariants.Summary {
    var isLeader = false
    var isStanding = true
    switch role {
    case .follower: isStanding = false
    case .preCandidate, .candidate: break
    case .leader: isLeader = true
    }
    return RaftInvariants.Summary(
      term: currentTerm,
      votedFor: votedFor,
      isLeader: isLeader,
      isStanding: isStanding,
      isAdmitted: isAdmitted,
      isWhole: isWhole,
      mayVote: promisedLast != nil,
      commitIndex: commitIndex,
      handedOutIndex: handedOutIndex,
      durableIndex: durableIndex,
      baseIndex: log.base.index,
      lastIndex: log.lastIndex,
      truncationCount: log.truncationCount,
      durablePosition: durablePosition,
      lastPosition: lastPosition
    )
  }

  /// Ends every call that may have changed the state, but for `submit`: the steps checked here
  /// follow one another without a gap, so that nothing escapes.
  mutating func finish() {
    recordHardState()
    let after = summary
    if let checked {
      RaftInvariants.check(before: checked, after: after)
    } else {
      RaftInvariants.check(after)
    }
    checked = after
    if case .leader(let state) = role {
      RaftInvariants.check(state, lastIndex: log.lastIndex)
    }
  }

  // MARK: Records

  /// Writes the record that is next in the journal, behind term and vote if these changed.
  /// - Returns: Its position.
  @discardableResult
  mutating func write(_ record: RaftRecord) -> UInt64 {
    recordHardState()
    lastPosition += 1
    effects.records.append(record)
    return lastPosition
  }

  mutating func setHardState(term: Term, votedFor member: Member?) {
    currentTerm = term
    votedFor = member
    hardStateIsPending = true
  }

  private mutating func recordHardState() {
    guard hardStateIsPending else { return }
    hardStateIsPending = false
    hardStatePosition = write(.hardState(term: currentTerm, votedFor: votedFor))
  }

  mutating func append(_ entry: LogEntry) {
    let position = write(.entry(log.lastIndex.next, entry))
    log.append(entry, position: position)
    if entry.isConfiguration, case .configuration(let next) = entry.payload {
      configurationWasAppended(next)
    }
  }

  /// Drops the log's end, where it contradicts the leader's.
  mutating func truncate(from index: LogIndex) {
    invariant(index > commitIndex, "S11: nothing committed is truncated")
    write(.truncate(from: index))
    log.truncate(from: index)
    durableIndex = min(durableIndex, log.lastIndex)
    if configurationIndex >= index { adoptConfiguration() }
  }

  // MARK: Messages

  /// Sends what promises no log position and no vote.
  ///
  /// Only the first words in a new term wait, for that term's record.
  mutating func send(_ message: RaftMessage, to recipient: Member) {
    if hardStateIsPending || hardStatePosition > durablePosition {
      promise(message, to: recipient)
    } else {
      effects.messages.append(Envelope(to: recipient, message))
    }
  }

  /// Sends what must not be said before everything written so far is durable.
  mutating func promise(_ message: RaftMessage, to recipient: Member) {
    effects.messagesAfterSync.append(Envelope(to: recipient, message))
  }

  // MARK: Leaders

  mutating func announceLeader() {
    let change = LeaderChange(leader: leader?.id, term: currentTerm)
    guard change.leader != announcedLeader.leader || change.term != announcedLeader.term,
      change.leader != nil || announcedLeader.leader != nil
    else { return }
    announcedLeader = change
    effects.leader = change
  }
}
