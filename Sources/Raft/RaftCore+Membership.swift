import Consensus

// Members come and go: joint consensus, Raft §6 and thesis §4.3; learners, thesis §4.2.1.
extension RaftCore {
  // MARK: Changes are asked for

  /// Begins a change, or refuses it before anything has happened.
  mutating func reconfigure(_ change: MembershipChange) {
    if let refusal = objection(to: change) {
      return effects.refused.append(.reconfiguration(refusal))
    }
    switch membership.plan(change) {
    case .refused(let refusal): effects.refused.append(.reconfiguration(refusal))
    case .unchanged: effects.reconfigured = configurationIndex
    case .next(let next):
      if let refusal = objection(to: next) {
        return effects.refused.append(.reconfiguration(refusal))
      }
      role.leader?.isChangeAsked = true
      propose(next)
    }
  }

  /// Why no change can begin now, whatever it is.
  var objectionToChanges: Refusal? {
    guard let state = role.leader else { return .notLeader(leader: leader?.id) }
    guard state.transfer == nil else { return .transferInProgress }
    guard commitIndex >= state.termStart else { return .leaderUnsettled }
    guard !isChangeUnderWay else { return .changeInProgress }
    return nil
  }

  private func objection(to change: MembershipChange) -> Refusal? {
    if let refusal = objectionToChanges { return refusal }
    guard case .promote(let id) = change, let state = role.leader,
      let learner = configuration.learners.first(where: { $0.seat.member.id == id })
    else { return nil }
    return isCaughtUp(learner.seat.member, in: state) ? nil : .learnerBehind
  }

  /// A majority of the voters to come must have answered lately: else the change would end with a
  /// cluster that cannot decide.
  ///
  /// Whoever moves does not count, unless it is alone: nobody may be reached where it is said to
  /// be.
  private func objection(to next: ClusterConfiguration) -> Refusal? {
    let moved = membership.movedVoters(in: next)
    let voters = Membership.stayingVoters(of: next)
    guard next.isJoint || !moved.isEmpty && voters != moved, let state = role.leader else {
      return nil
    }
    let lively = voters.count { member in
      guard !moved.contains(member) else { return false }
      guard member != identity.member else { return true }
      guard let heardAt = state.follower(member)?.heardAt else { return false }
      return microseconds - heardAt <= options.electionTimeoutMaxMicroseconds
    }
    guard lively <= voters.count / 2 else { return nil }
    // Who was elected a moment ago has not had the time to hear everybody.
    let isNew = microseconds - state.electedAt <= options.electionTimeoutMaxMicroseconds
    return isNew ? .leaderUnsettled : .quorumWouldBeLost
  }

  /// Whether an earlier change is not through yet (M3).
  private var isChangeUnderWay: Bool {
    configurationIndex > commitIndex || configuration.isJoint
  }

  /// Puts a configuration into the log, where it is in use at once (thesis §4.1).
  mutating func propose(_ next: ClusterConfiguration) {
    let isSettled = role.leader.map { commitIndex >= $0.termStart } ?? false
    invariant(isSettled, "M2: no change before an entry of the leader's own term is committed")
    invariant(configurationIndex <= commitIndex, "M3: one change at a time")
    appendAsLeader(.configuration(next))
  }

  // MARK: Changes go on

  /// Something that matters to a change is committed: the joint configuration is followed by the
  /// new one, and whoever has no part in that hands over.
  mutating func continueReconfiguration() {
    guard configurationIndex <= commitIndex else { return }
    if configuration.isJoint { return propose(membership.settled) }
    if role.leader?.isChangeAsked == true {
      role.leader?.isChangeAsked = false
      effects.reconfigured = configurationIndex
    }
    if isOut { judgeFitness() }
  }

  /// Whether this node leads, or led, a cluster that has done without it for good.
  var isOut: Bool { !membership.isVoter(identity.member) && configurationIndex <= commitIndex }

  /// Promotes a learner that is to vote and has caught up.
  mutating func judgeLearners() {
    guard !configuration.learners.isEmpty, let state = role.leader else { return }
    let now = microseconds
    let last = log.lastIndex
    let patience = options.electionTimeoutMaxMicroseconds
    for learner in configuration.learners {
      updateFollower(learner.seat.member) {
        $0.judgeCatchUp(last: last, at: now, within: patience)
      }
    }
    guard state.transfer == nil, commitIndex >= state.termStart, !isChangeUnderWay else { return }
    for learner in configuration.learners where learner.promotesItself {
      guard isCaughtUp(learner.seat.member, in: state),
        case .next(let next) = membership.plan(.promote(learner.seat.member.id)),
        objection(to: next) == nil
      else { continue }
      return propose(next)
    }
  }

  private func isCaughtUp(_ member: Member, in state: LeaderState) -> Bool {
    guard let learner = state.follower(member), let heardAt = learner.heardAt else { return false }
    let silence = microseconds - heardAt
    return learner.isCaughtUp && learner.hasRoom
      && silence <= options.electionTimeoutMaxMicroseconds
  }

  // MARK: Configurations are used

  /// The newest configuration in the log is in use, committed or not (thesis §4.1).
  mutating func adoptConfiguration() {
    let newest = log.configuration
    membership = (newest ?? repair?.configuration).map { Membership($0.1) } ?? .unknown
    configurationIndex = newest?.index ?? .zero
    // What others tell may be later than what is committed here.
    if isWhole { admission.see(membership.everybody) }
    effects.configuration = repair?.reach(from: configuration) ?? configuration
    guard let state = role.leader else { return }
    role.leader?.followers = membership.others(than: identity.member).map { member in
      state.follower(member)
        ?? FollowerProgress(member: member, nextIndex: log.lastIndex.next, heardAt: nil)
    }
  }

  /// A configuration has come to stand at the end of the log.
  mutating func configurationWasAppended(_ next: ClusterConfiguration) {
    if configurationIndex > .zero {
      RaftInvariants.check(from: configuration, to: next)
    }
    adoptConfiguration()
  }

  /// Whether this node may ask for votes.
  ///
  /// Whoever leaves may still be needed until that is committed: its log may hold what those who
  /// stay lack (thesis §4.2.2).
  var mayStand: Bool {
    guard isAdmitted, isWhole, isFormed, !isToldRemoved else { return false }
    if membership.isVoter(identity.member) { return true }
    guard configurationIndex > commitIndex, let before = log.configurationBefore else {
      return false
    }
    return Membership(before).isVoter(identity.member)
  }

  // MARK: The removed

  /// Whether this node was told so; an older configuration, of a snapshot, changes nothing in that.
  private var isToldRemoved: Bool { removedBy > .zero && removedBy >= configurationIndex }

  /// Whether a candidate has been removed and does not know it: ours is a committed configuration
  /// without it, and its log cannot hold a later one.
  func hasOutlived(_ candidate: Member, with last: LogMark) -> Bool {
    // What is left of a log may lack the configuration that the member is in.
    guard isWhole, !membership.contains(candidate), configurationIndex > .zero,
      configurationIndex <= commitIndex
    else { return false }
    return log.term(at: last.index) == last.term || !last.isAtLeastAsUpToDate(as: log.last)
  }

  mutating func tellRemoved(_ member: Member) {
    send(.removed(term: currentTerm, configurationIndex: configurationIndex), to: member)
  }

  /// Somebody knows a committed configuration without us, as new as ours at least: we need not ask
  /// for votes again until a leader sends us another one (M4).
  mutating func wasRemoved(by index: LogIndex) {
    guard index >= configurationIndex, role.leader == nil, !isToldRemoved else { return }
    becomeFollower(in: currentTerm, of: nil)
    removedBy = index
    effects.isRemoved = true
  }
}
