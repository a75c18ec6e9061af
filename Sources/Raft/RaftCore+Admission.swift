package import Consensus

// Disks that were wiped or put back (D15, D16): not in the papers. Raft takes for granted that a
// disk keeps what it was given; here those who were shown it remember, and are asked.
extension RaftCore {
  /// How many times more seldom others' progress is written down where the journal has no room.
  private static let scarceNewsFactor: UInt64 = 300

  /// Whether this member may vote, stand and be counted.
  var isAdmitted: Bool {
    if case .admitted = admission.state { true } else { false }
  }

  /// Whether the cluster may have its first leader: else one who fails right after would leave
  /// others behind that wait for its word.
  ///
  /// Where there is a term, somebody has stood to whom all others had shown themselves admitted.
  var isFormed: Bool {
    guard options.admission != .trusting, log.last.term == Term(0), currentTerm == Term(0) else {
      return true
    }
    let others = membership.otherVoters(than: identity.member)
    return others.allSatisfy(admission.admittedOthers.contains)
  }

  /// The other voters from whom no answer has come.
  package var unheardVoters: [NodeID] {
    guard case .waiting = admission.state else { return [] }
    return witnesses.filter { !admission.answered.contains($0) }.map(\.id)
  }

  /// The other voters, but for one whose place this member is to take: it is in no quorum with it,
  /// and may never speak again.
  private var witnesses: [Member] {
    let learner = configuration.learners.first { $0.seat.member == identity.member }
    let others = membership.otherVoters(than: identity.member)
    let staying = others.filter { $0.id != learner?.replaces }
    return staying.isEmpty ? others : staying
  }

  // MARK: This member asks

  /// Begins where the journal ends.
  mutating func beginAdmission(after journal: RecoveredState) {
    guard options.admission != .trusting else { return }
    admission = Admission(after: journal, boot: identity.boot, random: &random)
    if case .refused = admission.state { return effects.admission = admission.status }
    writeAdmission()
    judgeAdmission()
  }

  /// Shows itself when that is due, and writes down what others have shown.
  mutating func keepAdmission() {
    guard options.admission != .trusting else { return }
    if microseconds >= admission.nextShowingAt { showItself() }
    forgetRemoved()
    let isForgotten = effects.forgetRecordsBelow.map { $0 > admission.recordPosition } ?? false
    // What is left of a full journal is for votes and terms, and has to last for months.
    let isScarce = !hasRoom && !admission.hasUnwrittenStart
    let interval = options.newsMicroseconds * (isScarce ? Self.scarceNewsFactor : 1)
    let isDue = microseconds >= admission.writtenAt + interval
    if admission.isUnwritten && isDue || isForgotten { writeAdmission() }
  }

  /// Whoever a committed configuration has left out is none whose word is ever needed.
  private mutating func forgetRemoved() {
    guard isWhole, configurationIndex > admission.forgottenThrough,
      configurationIndex <= commitIndex, !configuration.isJoint
    else { return }
    // After a restart the one before is known from the log.
    admission.see(log.configurationBefore?.everybody.map(\.member) ?? [])
    // At once: when the log is trimmed, nothing tells that they were members before.
    if admission.forgetAll(but: membership.everybody, since: configurationIndex) {
      writeAdmission()
    }
  }

  private mutating func showItself() {
    if case .refused = admission.state { return askToBeReplaced() }
    pleadInVain()
    let interval = isAdmitted ? options.newsMicroseconds : options.heartbeatMicroseconds
    // The number of a directory must not be drawn twice; until it is durable once is enough.
    guard isStartDurable || admission.nextShowingAt == 0 else { return }
    admission.nextShowingAt = microseconds + interval
    for peer in audience { show(to: peer, isAsking: !isAdmitted) }
  }

  private var isStartDurable: Bool { durablePosition >= admission.firstPosition }

  /// Whoever waits asks all it has heard of: its own configuration may be of the past.
  private var audience: [Member] {
    var audience = membership.others(than: identity.member)
    guard case .waiting(let asking) = admission.state else { return audience }
    let others = (asking.told?.members.everybody ?? []) + admission.memory.map(\.member)
    for other in others where other != identity.member && !audience.contains(other) {
      audience.append(other)
    }
    return audience
  }

  mutating func show(to peer: Member, isAsking: Bool, withConfiguration: Bool = false) {
    var presence = RaftMessage.Presence(
      term: currentTerm,
      showing: showing,
      last: log.last,
      isAsking: isAsking,
      news: admission.memory
    )
    if withConfiguration {
      presence.configuration = configuration
      presence.configurationIndex = configurationIndex
    }
    // Nobody is to count on an admission that a crash takes back.
    if isStartDurable, !isAdmitted || durablePosition >= admission.admittedPosition {
      send(.present(presence), to: peer)
    } else {
      promise(.present(presence), to: peer)
    }
  }

  private var showing: Showing {
    Showing(
      by: identity.member,
      directory: admission.directory,
      start: admission.start,
      position: admission.position(durableThrough: durablePosition, lastPosition: lastPosition)
    )
  }

  /// Somebody says whether it remembers more of this member than was shown.
  ///
  /// An answer to an earlier start says nothing about this one (N8).
  mutating func wasRemembered(_ start: Showing.Start, isMore: Bool, by sender: Member) {
    guard start == admission.start else { return }
    if isMore { return beRefused() }
    admission.wasConfirmed(by: sender)
    judgeAdmission()
  }

  /// Whether a candidate has said so, too: those of this member's own configuration have been
  /// asked, and whoever is in a later one is asked now.
  mutating func isConfirmedOrAsks(_ candidate: Member) -> Bool {
    guard options.admission != .trusting, isAdmitted, !membership.contains(candidate),
      !admission.answered.contains(candidate)
    else { return true }
    show(to: candidate, isAsking: true)
    return false
  }

  /// Whether those who answered are enough: all other voters; or, unless the directory may be a
  /// wiped one made again, a majority, while nobody else who was asked again spoke.
  mutating func judgeAdmission() {
    guard case .waiting(var asking) = admission.state, knowsWhomToAsk else { return }
    let others = witnesses
    if !others.isEmpty, others.allSatisfy(admission.answered.contains) { return beAdmitted() }
    let isEnough = suffices(asking, of: others)
    asking.sufficesSince = isEnough ? asking.sufficesSince ?? microseconds : nil
    var isOver = false
    if let since = asking.sufficesSince, let patience = patience(with: others) {
      isOver = microseconds - since >= patience
    }
    asking.isInVain = isOver && needsAllVoters && !others.isEmpty
    admission.state = .waiting(asking)
    if isOver, !asking.isInVain { beAdmitted() }
  }

  private func suffices(_ asking: Admission.Asking, of others: [Member]) -> Bool {
    // A later configuration proves nothing: learners may hold what this disk had not synced yet.
    guard !others.isEmpty else { return leader == nil }
    guard !admission.isNew,
      [membership, asking.told?.members ?? membership].contains(where: hasAnswers)
    else { return false }
    return !needsAllVoters || canBeReplaced
  }

  private func patience(with others: [Member]) -> UInt64? {
    // Nobody is to be asked; those whom it has forgotten need so long to reach it.
    if others.isEmpty { return options.electionTimeoutMaxMicroseconds }
    // Time to ask three times; a leader that lost its quorum meanwhile is still in office.
    return needsAllVoters ? patienceWithTheSilent : 2 * options.heartbeatMicroseconds
  }

  /// A directory made to join learns who the members are from a log that begins long before them:
  /// they are those that took it in, or later ones.
  private var knowsWhomToAsk: Bool {
    !membership.voters.isEmpty
      && (!admission.isFirstStart || membership.contains(identity.member))
  }

  private func hasAnswers(of members: Membership) -> Bool {
    members.hasQuorum { member in
      member == identity.member && countsOnItself || admission.answered.contains(member)
    }
  }

  /// A first start does not count on itself, nor does whoever would come back with one.
  ///
  /// Whoever was admitted for the first time by a majority of others is known to one of any
  /// majority with itself among it.
  private var countsOnItself: Bool { !admission.isFirstStart && !needsAllVoters }

  private mutating func beAdmitted() {
    admission.admit()
    writeAdmission()
    effects.admission = .admitted
    // Whoever decides alone votes in the same turn: that is another step (M7).
    finish()
    // The others hear of it at once, and so does the leader whom it has only listened to.
    admission.nextShowingAt = microseconds
    guard let state = role.follower, let leader = state.leader, state.verifiedIndex > .zero else {
      return
    }
    accept(through: state.verifiedIndex, from: leader)
  }

  /// This directory has lost what it had shown: nothing that it says counts, ever again.
  private mutating func beRefused(isRemade: Bool = false) {
    if case .refused = admission.state { return }
    admission.refuse(isRemade: isRemade)
    becomeRefused()
  }

  mutating func becomeRefused() {
    becomeFollower(in: currentTerm, of: nil)
    writeAdmission()
    effects.admission = admission.status
  }

  mutating func writeAdmission() {
    admission.wasWritten(at: write(.admission(admission.record)), microseconds)
  }

  // MARK: Others ask

  /// Compares what a member shows with what is remembered of it, and remembers it durably before
  /// saying that there is nothing more.
  mutating func answerPresence(_ presence: RaftMessage.Presence, of sender: Member) {
    let showing = presence.showing
    repair?.keepShown(presence, by: sender)
    takeNewsOfItself(presence)
    if hasOutlived(sender, with: presence.last) {
      if showing.member == sender { admission.forget(showing) }
      return tellRemoved(sender)
    }
    // Whoever asks may be in a configuration that has not come here yet.
    guard showing.member == sender,
      admission.makeRoom(for: sender, forgettingAllBut: membership.contains)
    else { return }
    for news in presence.news where membership.contains(news.member) {
      if news.member != identity.member, news.member != sender { admission.remember(news) }
    }
    let start = Showing.Start(
      boot: showing.boot,
      process: showing.process,
      position: showing.start
    )
    if case .less = showing.judged(by: admission.memory(of: sender)) {
      send(.remembered(term: currentTerm, start: start, isMore: true), to: sender)
      return
    }
    admission.remember(showing)
    guard presence.isAsking else { return admission.noteAdmitted(sender) }
    if admission.hasUnwrittenStart { writeAdmission() }
    promise(.remembered(term: currentTerm, start: start, isMore: false), to: sender)
    // While nobody leads, whoever lacks the configuration cannot know whom to ask. Its log may be
    // the longer one, of an older term; what is told in return is not answered once more.
    if leader == nil, presence.configuration == nil, membership.contains(sender) {
      show(to: sender, isAsking: !isAdmitted, withConfiguration: true)
    }
  }

  /// Somebody speaks of this member: of more than its disk holds, or of members that are later
  /// than its own.
  private mutating func takeNewsOfItself(_ presence: RaftMessage.Presence) {
    guard options.admission != .trusting else { return }
    if let known = presence.news.first(where: { $0.member == identity.member }),
      case .less = showing.judged(by: known)
    {
      return beRefused(isRemade: ![0, known.directory].contains(admission.directory))
    }
    guard case .waiting(var asking) = admission.state, let configuration = presence.configuration
    else { return }
    let isNewer = presence.configurationIndex > configurationIndex
    // What ends this log may be another configuration, which was never committed.
    guard isNewer || presence.last.isAtLeastAsUpToDate(as: log.last),
      presence.configurationIndex > asking.told?.index ?? .zero
    else { return }
    asking.told = (presence.configurationIndex, Membership(configuration))
    admission.state = .waiting(asking)
  }
}
