import Consensus

// Terms, votes and timers: Raft §5.1, §5.2, §5.4.1; PreVote and CheckQuorum, thesis §9.6.
extension RaftCore {
  // MARK: Terms

  /// Compares a message's term with ours (Raft §5.1) and says whether it is still to be heard.
  mutating func heed(termOf message: RaftMessage, from sender: Member) -> Bool {
    // These speak of a term that nobody has entered yet.
    if case .requestPreVote = message { return true }
    // Whoever was removed may have gone ahead of the others' term.
    if case .removed = message { return true }
    if case .preVoteAnswer(_, isGranted: true) = message { return true }
    // Whoever only started, or lost something, has no news of terms.
    if message.isOutsideTerms { return true }
    if message.term > currentTerm {
      // While a leader is alive, a candidate has missed something and must not disturb
      // (thesis §4.2.3). Only a transfer's target campaigns with the leader's consent.
      if case .requestVote(_, _, isTransfer: false) = message, leaderIsAlive { return false }
      becomeFollower(in: message.term, of: nil)
    }
    guard message.term < currentTerm else { return true }
    answerPastTerm(message, from: sender)
    return false
  }

  /// Tells those who act on a term of the past; everybody else finds out by the way.
  private mutating func answerPastTerm(_ message: RaftMessage, from sender: Member) {
    switch message {
    case .requestVote:
      send(.voteAnswer(term: currentTerm, isGranted: false), to: sender)
    case .appendEntries, .heartbeat, .installSnapshot:
      send(.termPassed(term: currentTerm), to: sender)
    case .requestPreVote, .preVoteAnswer, .voteAnswer, .appendAccepted, .appendRejected,
      .heartbeatAnswer, .commitAdvanced, .timeoutNow, .requestReadIndex, .readIndexAnswer,
      .termPassed, .snapshotWanted, .removed, .present, .remembered, .appendStored, .askEnd,
      .logEnds, .configurationCommitted, .wantEntries, .entriesEnding, .replaceMe, .replaced:
      break
    }
  }

  /// Follows `leader`, or nobody yet, in `term`.
  mutating func becomeFollower(in term: Term, of leader: Member?) {
    if term == currentTerm, case .follower(let state) = role, state.leader == leader { return }
    leaveRole(for: leader, isTermOver: term > currentTerm)
    if term > currentTerm { setHardState(term: term, votedFor: nil) }
    role = .follower(FollowerState(leader: leader))
    leaderHeardAt = nil
  }

  /// Gives up what the present role was waiting for.
  private mutating func leaveRole(for leader: Member?, isTermOver: Bool) {
    switch role {
    case .follower(let state):
      refuse(state.freshReads + state.askedReads.flatMap(\.ids), .noLeader)
    case .preCandidate, .candidate:
      break
    case .leader(let state):
      refuse(state.reads.readsHere, leader.map { .notLeader(leader: $0.id) } ?? .noLeader)
      // In a later term the target has most likely taken over; in this one it has not.
      if let transfer = state.transfer, transfer.cause == .asked, !isTermOver {
        effects.refused.append(.transfer(.transferFailed))
      }
      restartElectionTimer()
    }
  }

  // MARK: Timers

  /// Draws a new deadline; a single voter has nobody to wait for.
  mutating func restartElectionTimer() {
    // Who hears a leader is not alone, whatever its damaged log says.
    guard role.follower?.leader != nil || !membership.isOnlyVoter(identity.member) else {
      electionDeadline = microseconds
      return
    }
    let shortest = options.electionTimeoutMinMicroseconds
    let longest = options.electionTimeoutMaxMicroseconds
    electionDeadline = microseconds + random.number(in: shortest..<longest + 1)
  }

  /// Waits anew: a turn that began late says more about this node than about its peers.
  ///
  /// Whoever is late again and again, for want of a processor, must give up as well.
  mutating func giveSecondChance() {
    if let since = secondChanceAt {
      guard let state = role.leader, quorumHeardAt(state) > since else { return }
    }
    secondChanceAt = microseconds
    restartElectionTimer()
    let quorumCheckAt = microseconds + options.electionTimeoutMaxMicroseconds
    role.leader?.quorumCheckAt = quorumCheckAt
  }

  /// The leader has spoken.
  mutating func heard(from leader: Member) {
    if case .leader = role { invariant(false, "S1: at most one leader per term") }
    if case .follower(let state) = role, let known = state.leader {
      invariant(known == leader, "S1: at most one leader per term")
    }
    becomeFollower(in: currentTerm, of: leader)
    leaderHeardAt = microseconds
    campaignsForgone = 0
    leaderWasHeardThisTurn = true
  }

  /// Whether this node leads or has heard from a leader within the shortest election timeout.
  private var leaderIsAlive: Bool {
    switch role {
    case .leader: return true
    case .preCandidate, .candidate: return false
    case .follower:
      guard let leaderHeardAt else { return false }
      return microseconds - leaderHeardAt < options.electionTimeoutMinMicroseconds
    }
  }

  /// Whether the disk has kept a record waiting beyond its budget.
  var diskIsOverdue: Bool {
    guard let since = unsynced.oldestSince else { return false }
    return microseconds - since > options.diskBudgetMicroseconds
  }

  /// Whether the disk of this leader has synced nothing for long, while a quorum goes on committing
  /// or has committed all there is.
  ///
  /// The others' disks are the measure, and its own a moment ago: where all are slow, nobody would
  /// do better.
  var diskIsLeftBehind: Bool {
    guard commitIndex > durableIndex, let since = unsynced.idleSince else { return false }
    let limit = since + max(options.diskLagMicroseconds, 4 * unsynced.usualWait)
    return microseconds > limit && (commitAdvancedAt > limit || commitIndex == log.lastIndex)
  }

  /// Everybody else's part of a tick.
  mutating func judgeElectionTimer() {
    guard microseconds >= electionDeadline else { return }
    // A candidate's requests have not left while its own vote is on the way to the disk.
    if case .candidate = role, hardStatePosition > durablePosition, !diskIsOverdue {
      return restartElectionTimer()
    }
    startPreVote()
  }

  /// A leader's part of a tick.
  mutating func judgeLeadership() {
    guard hasQuorumContact else {
      // Whoever cannot reach a quorum only keeps others from electing (CheckQuorum).
      return becomeFollower(in: currentTerm, of: nil)
    }
    judgeRoom()
    judgeFitness()
    judgeTransfer()
    judgeLearners()
    let now = microseconds
    for place in 0..<(role.leader?.followers.count ?? 0) {
      role.leader?.followers[place].resendIfLost(at: now, within: options)
    }
  }

  /// What no quorum has room for is not put into the log: it would hold up the removals behind it.
  private mutating func judgeRoom() {
    guard let state = role.leader else { return }
    quorumLacksRoom =
      !state.followers.allSatisfy(\.hasRoom)
      && !membership.hasQuorum { member in
        member == identity.member ? hasRoom : state.follower(member).map(storesMore) ?? true
      }
  }

  /// Who is not heard stores nothing, whatever room it had.
  private func storesMore(_ follower: FollowerProgress) -> Bool {
    let silence = microseconds - (follower.heardAt ?? 0)
    return follower.hasRoom && silence <= options.electionTimeoutMaxMicroseconds
  }

  private var hasQuorumContact: Bool {
    guard let state = role.leader, microseconds >= state.quorumCheckAt else { return true }
    return microseconds - quorumHeardAt(state) <= options.electionTimeoutMaxMicroseconds
  }

  /// When a quorum, this node included, was last heard.
  func quorumHeardAt(_ state: LeaderState) -> UInt64 {
    membership.quorumValue { member in
      member == identity.member ? microseconds : state.follower(member)?.heardAt ?? 0
    }
  }

  // MARK: PreVote

  /// Asks whether an election could be won; term and vote stay as they are.
  mutating func startPreVote() {
    secondChanceAt = nil
    restartElectionTimer()
    // A node whose disk hangs could not be voted for, but would lose touch with the others; one
    // whose state is in doubt must not lead.
    becomeFollower(in: currentTerm, of: nil)
    if isDistrusted { campaignsForgone += 1 }
    guard mayStand, !diskIsOverdue, !isDistrusted || isLastResort else { return }
    role = .preCandidate(granted: [identity.member])
    askForPreVotes()
    if membership.hasQuorum({ $0 == identity.member }) { startElection(isTransfer: false) }
  }

  /// Asks for nothing that is a promise, so it waits for no disk.
  mutating func askForPreVotes() {
    let request = RaftMessage.requestPreVote(term: currentTerm.next, last: log.last)
    for peer in membership.otherVoters(than: identity.member) {
      effects.messages.append(Envelope(to: peer, request))
    }
  }

  /// Whether nobody else has been elected for long, so that only this log may be complete.
  ///
  /// A leader whose state is in doubt answers nothing from it, and hands over to whoever has got
  /// the log from it (`judgeFitness`).
  private var isLastResort: Bool { campaignsForgone > Self.campaignsForgoneMax }

  mutating func answerPreVote(_ term: Term, _ last: LogMark, _ sender: Member) {
    if hasOutlived(sender, with: last) { return tellRemoved(sender) }
    let isGranted =
      isAdmitted && term > currentTerm && !leaderIsAlive
      && hasAllPromised(last) && isConfirmedOrAsks(sender)
    let answer = RaftMessage.preVoteAnswer(
      term: isGranted ? term : currentTerm,
      isGranted: isGranted
    )
    // A grant promises nothing; a refusal tells our term, which must be on disk.
    if isGranted {
      effects.messages.append(Envelope(to: sender, answer))
    } else {
      send(answer, to: sender)
      sendRest(behind: last, to: sender)
    }
  }

  mutating func countPreVote(_ term: Term, _ sender: Member) {
    guard case .preCandidate(var granted) = role, term == currentTerm.next else { return }
    if !granted.contains(sender) { granted.append(sender) }
    role = .preCandidate(granted: granted)
    if membership.hasQuorum(granted.contains) { startElection(isTransfer: false) }
  }

  // MARK: Elections

  /// Enters the next term and asks for votes (Raft §5.2).
  mutating func startElection(isTransfer: Bool) {
    becomeFollower(in: currentTerm, of: nil)
    setHardState(term: currentTerm.next, votedFor: identity.member)
    role = .candidate(granted: [identity.member])
    restartElectionTimer()
    for peer in membership.otherVoters(than: identity.member) {
      // Our own vote is a promise like any other.
      let request = RaftMessage.requestVote(
        term: currentTerm,
        last: log.last,
        isTransfer: isTransfer
      )
      promise(request, to: peer)
    }
    if membership.hasQuorum({ $0 == identity.member }) { becomeLeader(votes: []) }
  }

  /// Votes at most once in a term, and only for a log that holds all that can be committed
  /// (Raft §5.4.1).
  mutating func answerVote(_ last: LogMark, _ sender: Member) {
    let isFree = votedFor == nil && leader == nil && hasAllPromised(last)
    guard isAdmitted, promisedLast != nil, votedFor == sender || isFree, isConfirmedOrAsks(sender)
    else {
      return send(.voteAnswer(term: currentTerm, isGranted: false), to: sender)
    }
    if votedFor == nil {
      becomeFollower(in: currentTerm, of: nil)
      setHardState(term: currentTerm, votedFor: sender)
    }
    restartElectionTimer()
    promise(.voteAnswer(term: currentTerm, isGranted: true), to: sender)
  }

  mutating func countVote(_ sender: Member) {
    guard case .candidate(var granted) = role else { return }
    if !granted.contains(sender) { granted.append(sender) }
    role = .candidate(granted: granted)
    if membership.hasQuorum(granted.contains) { becomeLeader(votes: granted) }
  }

  private mutating func becomeLeader(votes: [Member]) {
    secondChanceAt = nil
    campaignsForgone = 0
    let last = log.last
    let followers = membership.others(than: identity.member).map { member in
      FollowerProgress(
        member: member,
        nextIndex: last.index.next,
        heardAt: votes.contains(member) ? microseconds : nil
      )
    }
    role = .leader(
      LeaderState(
        termStart: last.index.next,
        followers: followers,
        nextHeartbeatAt: microseconds,
        quorumCheckAt: microseconds + options.electionTimeoutMaxMicroseconds,
        baseLogTime: log.lastLogTime,
        electedAt: microseconds
      )
    )
    // Entries of earlier terms commit only beneath one of ours (Raft §5.4.2, §8).
    appendAsLeader(.noOp)
  }
}
