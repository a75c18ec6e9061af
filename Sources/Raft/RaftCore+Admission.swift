package import Consensus

// Disks that were wiped or put back (D15, D16): not in the papers. Raft takes for granted that a
// disk keeps what it was given; here those who were shown it remember, and are asked.
extension RaftCore {
  /// Whether this member may vote, stand and be counted.
  var isAdmitted: Bool {
    if case .admitted = admission.state { true } else { false }
  }

  /// Whether the cluster may have its first leader: else one who fails right after would leave
  /// others behind that wait for its word.
  var isFormed: Bool {
    guard options.admission != .trusting, log.last.term == Term(0) else { return true }
    let others = membership.otherVoters(than: identity.member)
    return others.allSatisfy(admission.admittedOthers.contains)
  }

  /// The other voters from whom no answer has come.
  package var unheardVoters: [NodeID] {
    guard case .waiting(let asking) = admission.state else { return [] }
    let others = membership.otherVoters(than: identity.member)
    return others.filter { !asking.answered.contains($0) }.map(\.id)
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
    let isDue = microseconds >= admission.writtenAt + options.newsMicroseconds
    let isForgotten = effects.forgetRecordsBelow.map { $0 > admission.recordPosition } ?? false
    if admission.isUnwritten && isDue || isForgotten { writeAdmission() }
  }

  private mutating func showItself() {
    if case .refused = admission.state { return }
    let interval = isAdmitted ? options.newsMicroseconds : options.heartbeatMicroseconds
    // The number of a directory must not be drawn twice; until it is durable once is enough.
    let isDurable = durablePosition >= admission.firstPosition
    guard isDurable || admission.nextShowingAt == 0 else { return }
    admission.nextShowingAt = microseconds + interval
    for peer in membership.others(than: identity.member) {
      let presence = RaftMessage.present(
        RaftMessage.Presence(
          term: currentTerm,
          showing: showing,
          last: log.last,
          isAsking: !isAdmitted,
          news: admission.memory.filter { $0.member != peer }
        )
      )
      if isDurable { send(presence, to: peer) } else { promise(presence, to: peer) }
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
    guard case .waiting(var asking) = admission.state, !asking.answered.contains(sender) else {
      return
    }
    asking.answered.append(sender)
    admission.state = .waiting(asking)
    judgeAdmission()
  }

  /// Whether those who answered are enough: all other voters; or, unless the directory may be a
  /// wiped one made again, a majority, while nobody else who was asked again spoke.
  mutating func judgeAdmission() {
    guard case .waiting(var asking) = admission.state, !membership.voters.isEmpty else { return }
    let others = membership.otherVoters(than: identity.member)
    if others.allSatisfy(asking.answered.contains) { return beAdmitted() }
    guard options.admission == .majority, !admission.isNew else { return }
    let isEnough = membership.hasQuorum { member in
      member == identity.member || asking.answered.contains(member)
    }
    guard isEnough else { return }
    let since = asking.sufficesSince ?? microseconds
    asking.sufficesSince = since
    admission.state = .waiting(asking)
    // Time to ask three times; a leader that lost its quorum meanwhile is still in office.
    if microseconds - since >= 2 * options.heartbeatMicroseconds { beAdmitted() }
  }

  private mutating func beAdmitted() {
    admission.admit()
    writeAdmission()
    effects.admission = .admitted
    // The others hear of it at once, and so does the leader whom it has only listened to.
    admission.nextShowingAt = microseconds
    guard let state = role.follower, let leader = state.leader, state.verifiedIndex > .zero else {
      return
    }
    accept(through: state.verifiedIndex, from: leader)
  }

  /// This directory has lost what it had shown: nothing that it says counts, ever again.
  private mutating func beRefused() {
    if case .refused = admission.state { return }
    admission.state = .refused
    becomeFollower(in: currentTerm, of: nil)
    writeAdmission()
    effects.admission = admission.status
  }

  private mutating func writeAdmission() {
    if configurationIndex <= commitIndex, configurationIndex > .zero {
      admission.keepOnly(membership.contains)
    }
    admission.wasWritten(at: write(.admission(admission.record)), microseconds)
  }

  // MARK: Others ask

  /// Compares what a member shows with what is remembered of it, and remembers it durably before
  /// saying that there is nothing more.
  mutating func answerPresence(_ presence: RaftMessage.Presence, of sender: Member) {
    let showing = presence.showing
    if hasOutlived(sender, with: presence.last) { return tellRemoved(sender) }
    // Whoever asks may be in a configuration that has not come here yet.
    guard showing.member == sender, admission.hasRoom(for: sender) else { return }
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
    guard presence.isAsking else { return admission.isAdmitted(sender) }
    if admission.hasUnwrittenStart { writeAdmission() }
    promise(.remembered(term: currentTerm, start: start, isMore: false), to: sender)
  }
}
