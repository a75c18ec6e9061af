import Consensus

// ReadIndex, thesis §6.4: linearizable reads without touching the log.
extension RaftCore {
  // MARK: Reads arrive

  mutating func submitRead(_ id: ReadID) {
    guard let leader else { return refuse([id], .noLeader) }
    if leader == identity.member {
      if !queueRead(.here(id)) { refuse([id], .overloaded) }
    } else if let waiting = role.follower?.readsCount, waiting < options.readsWaitingMax {
      role.follower?.freshReads.append(id)
    } else {
      refuse([id], .overloaded)
    }
  }

  /// Lets a read wait for the next round.
  ///
  /// - Returns: Whether there is room for it.
  @discardableResult
  mutating func queueRead(_ reader: LeaderReads.Reader) -> Bool {
    let index = commitIndex
    let readsMax = options.readsWaitingMax
    // In one access: every look at `role.leader` copies the state, a hundred instructions each.
    return role.leader?.queue(reader, at: index, readsMax: readsMax) ?? false
  }

  /// The first entry of this term is committed.
  mutating func releaseHeldReads() {
    let index = commitIndex
    guard let held = role.leader?.reads.held, !held.isEmpty else { return }
    role.leader?.reads.fresh += held.map { ($0, index) }
    role.leader?.reads.held = []
  }

  // MARK: Rounds

  /// Starts a heartbeat round if one is due or reads wait for one: a single round for all reads
  /// of a turn, started after every one of them arrived.
  mutating func startRoundIfDue() {
    guard let state = role.leader else { return }
    guard microseconds >= state.nextHeartbeatAt || !state.reads.fresh.isEmpty else { return }
    let round = state.round + 1
    let nextHeartbeatAt = microseconds + options.heartbeatMicroseconds
    role.leader?.round = round
    role.leader?.nextHeartbeatAt = nextHeartbeatAt
    role.leader?.reads.waiting += state.reads.fresh.map { read in
      LeaderReads.Waiting(reader: read.reader, index: read.index, round: round)
    }
    role.leader?.reads.fresh = []
    for follower in state.followers {
      let heartbeat = RaftMessage.heartbeat(
        term: currentTerm,
        round: round,
        commitIndex: commitIndex
      )
      send(heartbeat, to: follower.member)
    }
  }

  mutating func answerHeartbeat(_ round: UInt64, _ commitIndex: LogIndex, of sender: Member) {
    heard(from: sender)
    learnCommitIndex(commitIndex)
    // Whoever may have forgotten a later term proves nobody's leadership.
    guard isAdmitted else { return }
    let answer = RaftMessage.heartbeatAnswer(
      term: currentTerm,
      round: round,
      verifiedIndex: role.follower?.verifiedIndex ?? .zero,
      hasRoom: hasRoom
    )
    send(answer, to: sender)
  }

  mutating func heartbeatWasAnswered(
    _ round: UInt64,
    verifiedIndex: LogIndex,
    hasRoom: Bool,
    by sender: Member
  ) {
    guard let started = role.leader?.round, round <= started else { return }
    let now = microseconds
    updateFollower(sender) { follower in
      follower.heardAt = now
      follower.answeredRound = max(follower.answeredRound, round)
      follower.learn(verifiedIndex: verifiedIndex, hasRoom: hasRoom)
    }
  }

  /// Lets the reads go whose round a quorum has answered: nobody in it knew a later term, so
  /// nothing was committed elsewhere before the round started.
  mutating func confirmReads() {
    guard let state = role.leader, !state.reads.waiting.isEmpty else { return }
    let confirmed = membership.quorumValue { member in
      member == identity.member ? state.round : state.follower(member)?.answeredRound ?? 0
    }
    let count = state.reads.waiting.prefix { $0.round <= confirmed }.count
    for read in state.reads.waiting.prefix(count) {
      switch read.reader {
      case .here(let id):
        effects.readable.append(Readable(id: id, index: read.index))
      case .follower(let member, let request):
        let answer = RaftMessage.readIndexAnswer(
          term: currentTerm,
          request: request,
          index: read.index
        )
        send(answer, to: member)
      }
    }
    role.leader?.reads.waiting.removeFirst(count)
  }

  // MARK: Followers ask

  /// Asks the leader once for all reads of the turn.
  mutating func askForReadIndex() {
    guard let state = role.follower, let leader = state.leader, !state.freshReads.isEmpty else {
      return
    }
    readCounter += 1
    let asked = AskedReads(
      counter: readCounter,
      deadline: microseconds + options.electionTimeoutMaxMicroseconds,
      ids: state.freshReads
    )
    role.follower?.askedReads.append(asked)
    role.follower?.freshReads = []
    let request = RaftMessage.ReadRequest(boot: identity.boot, counter: readCounter)
    send(.requestReadIndex(term: currentTerm, request: request), to: leader)
  }

  /// The leader answered.
  ///
  /// Answers to an earlier start of this node, repeated ones and those that
  /// come too late name no request that waits.
  mutating func readsWereConfirmed(
    _ request: RaftMessage.ReadRequest,
    at index: LogIndex,
    by sender: Member
  ) {
    guard let state = role.follower, state.leader == sender, request.boot == identity.boot,
      let place = state.askedReads.firstIndex(where: { $0.counter == request.counter })
    else { return }
    heard(from: sender)
    learnCommitIndex(index)
    let ids = state.askedReads[place].ids
    role.follower?.askedReads.remove(at: place)
    // Whoever can store nothing more may never come so far.
    guard hasRoomForRemovals || index <= log.lastIndex else {
      return refuse(ids, .notLeader(leader: sender.id))
    }
    effects.readable += ids.map { Readable(id: $0, index: index) }
  }

  /// Refuses what the leader has not answered within an election timeout.
  mutating func refuseOverdueReads() {
    guard let asked = role.follower?.askedReads, let first = asked.first,
      microseconds >= first.deadline
    else { return }
    let overdue = asked.prefix { microseconds >= $0.deadline }
    refuse(overdue.flatMap(\.ids), .noLeader)
    role.follower?.askedReads.removeFirst(overdue.count)
  }

  mutating func refuse(_ reads: [ReadID], _ refusal: Refusal) {
    effects.refused += reads.map { .read($0, refusal) }
  }
}
