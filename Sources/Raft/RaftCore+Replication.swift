import Consensus

// Raft §5.3: the leader's log becomes everybody's.
extension RaftCore {
  // MARK: The leader proposes

  /// Appends a client's request, or refuses it before anything has happened.
  mutating func propose(_ request: ClientRequest, isRemoval: Bool) {
    if let refusal = objection(isRemoval: isRemoval) {
      effects.refused.append(.request(request.key, refusal))
    } else {
      appendAsLeader(.request(request))
    }
  }

  private func objection(isRemoval: Bool) -> Refusal? {
    guard let office = role.office else { return .notLeader(leader: leader?.id) }
    guard isRemoval ? hasRoomForRemovals : !takesOnlyRemovals else { return .diskFull }
    guard !office.isHandedOver else { return .transferInProgress }
    let settled = max(commitIndex, office.termStart.previous)
    let waitingSize = log.size(after: settled, through: log.lastIndex)
    return waitingSize < options.uncommittedSizeMax ? nil : .overloaded
  }

  mutating func appendAsLeader(_ payload: Committed.Payload) {
    guard let logTime = role.office?.logTime(at: microseconds) else { return }
    append(
      LogEntry(
        payload,
        term: currentTerm,
        logTimeMicroseconds: logTime,
        wallMilliseconds: now.wallMilliseconds,
        index: log.lastIndex.next
      )
    )
  }

  // MARK: The leader sends

  /// Sends to each follower what it lacks, as far as the bounds on what is in flight allow.
  ///
  /// A leader's appendEntries promise nothing about its own disk (thesis §10.2.1).
  mutating func replicate() {
    var latest: RaftMessage.AppendEntries?
    for place in 0..<(role.leader?.followers.count ?? 0) {
      replicate(toFollowerAt: place, &latest)
    }
  }

  private mutating func replicate(
    toFollowerAt place: Int,
    _ latest: inout RaftMessage.AppendEntries?
  ) {
    guard var follower = role.leader?.followers[place] else { return }
    while follower.maySend(from: log, within: options) {
      // Followers that lack the same are sent the same.
      if latest?.previous.index != follower.nextIndex.previous {
        latest = entries(from: follower.nextIndex)
      }
      guard let latest else {
        // What it lacks is forgotten.
        if let mark = snapshotMark { follower.needsSnapshot(mark) }
        break
      }
      send(.appendEntries(latest), to: follower.member)
      follower.sent(through: latest.previous.index + latest.entries.count, at: microseconds)
      follower.toldCommitIndex = commitIndex
    }
    if let place = follower.partDue() {
      effects.jobs.append(.read(place, for: follower.member))
    }
    // While entries are in flight the next ones carry the news, and save the follower a turn.
    if follower.toldCommitIndex < commitIndex, follower.matchIndex == log.lastIndex {
      follower.toldCommitIndex = commitIndex
      send(.commitAdvanced(term: currentTerm, commitIndex: commitIndex), to: follower.member)
    }
    role.leader?.followers[place] = follower
  }

  private func entries(from start: LogIndex) -> RaftMessage.AppendEntries? {
    guard let previousTerm = log.term(at: start.previous) else { return nil }
    return RaftMessage.AppendEntries(
      term: currentTerm,
      previous: LogMark(index: start.previous, term: previousTerm),
      commitIndex: commitIndex,
      entries: log.entries(
        from: start,
        sizeMax: options.appendSizeMax,
        countMax: options.inFlightEntriesMax
      )
    )
  }

  // MARK: The follower stores

  /// Takes over the leader's entries if the logs agree before them.
  mutating func follow(_ append: RaftMessage.AppendEntries, of sender: Member) {
    heard(from: sender)
    let previous = append.previous
    // What lies below the base is committed, and so equal in every leader's log.
    guard previous.index < log.base.index || log.term(at: previous.index) == previous.term else {
      return reject(previous, to: sender)
    }
    let matchIndex = store(append)
    let verifiedIndex = max(role.follower?.verifiedIndex ?? .zero, matchIndex)
    role.follower?.verifiedIndex = verifiedIndex
    learnCommitIndex(append.commitIndex)
    // It claims what this message verified and no more: our own last entry may be another's.
    accept(through: matchIndex, from: sender)
  }

  /// Acknowledges what this log has in common with the leader's; whoever waits to be admitted
  /// only asks for more, which may bring it the members of today.
  mutating func accept(through matchIndex: LogIndex, from leader: Member) {
    guard isAdmitted else {
      return send(.appendStored(term: currentTerm, index: matchIndex), to: leader)
    }
    promise(
      .appendAccepted(term: currentTerm, matchIndex: matchIndex, hasRoom: hasRoom),
      to: leader
    )
  }

  /// Stores the entries that are not there yet and truncates only on a true conflict: a late
  /// message may know less than the log already holds.
  /// - Returns: Up to where log and message agree.
  private mutating func store(_ append: RaftMessage.AppendEntries) -> LogIndex {
    var index = append.previous.index
    for entry in append.entries {
      let next = index.next
      if next > log.base.index, log.term(at: next) != entry.term {
        if next <= log.lastIndex { truncate(from: next) }
        // Without any room only no-ops and configurations go into the spare; what is kept back for
        // removals takes whatever the leader lets in.
        if !hasRoomForRemovals && entry.isRequest { return index }
        self.append(entry)
      }
      index = next
    }
    return index
  }

  /// Names the last place where the logs may agree, whole terms at a time (Raft §5.3).
  private mutating func reject(_ previous: LogMark, to sender: Member) {
    let limit = min(previous.index.previous, log.lastIndex)
    // Down to the base, all logs are equal.
    let index = max(
      log.base.index,
      log.lastIndex(ofTermAtMost: previous.term, through: limit)
    )
    let hint = LogMark(index: index, term: log.term(at: index) ?? Term(0))
    let answer = RaftMessage.appendRejected(
      term: currentTerm,
      previousIndex: previous.index,
      hint: hint
    )
    send(answer, to: sender)
  }

  // MARK: The leader learns

  mutating func appendWasAccepted(
    through matchIndex: LogIndex,
    hasRoom: Bool,
    by sender: Member
  ) {
    guard matchIndex <= log.lastIndex else { return }
    let now = microseconds
    updateFollower(sender) { follower in
      follower.heardAt = now
      follower.accepted(through: matchIndex, hasRoom: hasRoom, at: now)
    }
    advanceCommitIndex()
  }

  mutating func appendWasStored(through index: LogIndex, by sender: Member) {
    guard index <= log.lastIndex else { return }
    updateFollower(sender) { $0.stored(through: index) }
  }

  mutating func appendWasRejected(
    at previousIndex: LogIndex,
    hint: LogMark,
    by sender: Member
  ) {
    guard previousIndex > .zero, previousIndex <= log.lastIndex else { return }
    let limit = min(hint.index, previousIndex.previous)
    let candidate = log.lastIndex(ofTermAtMost: hint.term, through: limit)
    // Who may not vote says so, too: to be heard, and counted, it has to answer heartbeats.
    updateFollower(sender) { $0.rejected(at: previousIndex, candidate: candidate) }
  }

  /// Changes what a leader knows of a follower; does nothing without the office.
  mutating func updateFollower(
    _ member: Member,
    _ change: (inout FollowerProgress) -> Void
  ) {
    guard let place = role.leader?.followers.firstIndex(where: { $0.member == member }),
      var follower = role.leader?.followers[place]
    else { return }
    change(&follower)
    role.leader?.followers[place] = follower
  }
}
