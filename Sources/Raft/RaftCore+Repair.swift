import Consensus

// Holes in the journal (protocol-aware recovery, FAST'18): not in the papers on Raft. Whoever lost
// a part of its log says so, does not stand until the log has all of it again, and votes only for
// a log that is known to have it.
extension RaftCore {
  /// Whether this member's log has all that it ever had to hold.
  var isWhole: Bool { repair == nil }

  /// The end of a log that has all that this member ever promised to hold: of its own, or while
  /// it lacks a part of that, of the highest of all, once everybody has told theirs.
  var promisedLast: LogMark? {
    guard let repair else { return log.last }
    guard repair.isTermKnown, let found = repair.found else { return nil }
    return found.isAtLeastAsUpToDate(as: log.last) ? found : log.last
  }

  /// Whether a candidate's log that ends there lacks nothing that this member promised to hold
  /// (Raft §5.4.1).
  func hasAllPromised(_ last: LogMark) -> Bool {
    promisedLast.map(last.isAtLeastAsUpToDate(as:)) ?? false
  }

  var repairStatus: RepairStatus? {
    guard let repair else { return nil }
    return RepairStatus(
      firstMissing: log.lastIndex.next,
      target: (repair.word ?? repair.found)?.index,
      isTermKnown: repair.isTermKnown,
      unheard: repair.unheard(ownConfigurations, without: identity.member)
    )
  }

  /// The configurations of what is left of the log; what a snapshot includes is committed.
  private var ownConfigurations: Repair.Own {
    let newest = (index: configurationIndex, configuration)
    let isCommitted = configurationIndex > .zero && configurationIndex <= commitIndex
    let ofSnapshot = snapshot.map { (index: $0.configurationIndex, $0.configuration) }
    return Repair.Own(newest: newest, settled: isCommitted ? newest : ofSnapshot)
  }

  // MARK: This member asks

  /// Begins with what is left of the log.
  mutating func beginRepair(of journal: RecoveredState, after snapshot: SnapshotMark?) {
    let (log, islands) = journal.remains(after: snapshot)
    self.log = log
    durableIndex = log.lastIndex
    repair = Repair(
      nonce: random.next() &+ identity.boot,
      islands: islands,
      after: journal,
      at: microseconds
    )
    adoptConfiguration()
    if let snapshot { goOn(after: snapshot, isLogReplaced: false) }
    write(.repair(log.last))
  }

  /// Asks everybody how far they reach, again and again: answers and members may come late.
  mutating func askAboutLosses() {
    guard let repair, microseconds >= repair.nextAskAt else { return }
    let nextAskAt = microseconds + options.heartbeatMicroseconds
    self.repair?.nextAskAt = nextAskAt
    tellAll(.askEnd(term: currentTerm, nonce: repair.nonce))
    gather()
  }

  private mutating func tellAll(_ message: RaftMessage) {
    var members = repair?.everybody(configuration) ?? []
    // A leader of a configuration that is lost here knows most of all.
    if let leader, !members.contains(leader) { members.append(leader) }
    for member in members where member != identity.member { send(message, to: member) }
  }

  /// Somebody has said how far it reaches; an answer to another start says nothing about this one.
  mutating func endWasTold(_ ends: RaftMessage.LogEnds, by sender: Member) {
    guard var repair, ends.nonce == repair.nonce else { return }
    let before = repair.configuration?.index
    repair.keep(ends, of: sender)
    if ends.isLeader, repair.isTermKnown, ends.term >= currentTerm {
      repair.keepWord(ends, at: microseconds)
    }
    self.repair = repair
    if repair.configuration?.index != before { adoptConfiguration() }
    judgeRepair()
  }

  /// Somebody knows that the configuration it has told is committed.
  mutating func configurationIsCommitted(
    _ index: LogIndex,
    for nonce: UInt64,
    by sender: Member
  ) {
    guard repair?.nonce == nonce else { return }
    repair?.keepCommitted(index, of: sender)
    judgeRepair()
  }

  /// Whether the log has what it has to; if nobody leads, how far everybody together reaches.
  mutating func judgeRepair() {
    guard let repair else { return }
    if let target = [repair.word, repair.found].compactMap({ $0 }).first(where: holds) {
      return beWhole(target)
    }
    guard !repair.isTermKnown || isLeaderless,
      let found = repair.highestMark(
        with: log.last,
        ownConfigurations,
        without: identity.member
      )
    else { return }
    if !repair.isTermKnown { leaveForgottenTerms(repair) }
    guard found != repair.found else { return }
    self.repair?.found = found
    self.repair?.gathering = nil
    judgeRepair()
  }

  /// Whether no leader has been heard of for two election timeouts, or the term is not known.
  private var isLeaderless: Bool {
    guard let repair, leader == nil else { return false }
    return microseconds - repair.leaderSpokeAt >= 2 * options.electionTimeoutMaxMicroseconds
  }

  /// Everybody else has told its term: whatever this member promised was in none of later ones.
  ///
  /// Who else lost its newest term may have lost the same one, in which they elected somebody. The
  /// term to go on in is then beyond all that elections can have come to since the latest that is
  /// known, and drawn, so that it is not one that was once drawn and forgotten in its turn.
  private mutating func leaveForgottenTerms(_ repair: Repair) {
    var term = max(repair.latestTerm, currentTerm).next
    if repair.othersForgotTerms {
      term = Term(term.rawValue + random.number(in: Repair.leap))
    }
    self.repair?.isTermKnown = true
    becomeFollower(in: term, of: nil)
  }

  /// Whether the log durably contains a place, or a snapshot of what is committed reaches beyond.
  private func holds(_ mark: LogMark) -> Bool {
    guard mark.index <= durableIndex else { return false }
    return mark.index <= log.base.index || log.term(at: mark.index) == mark.term
  }

  private mutating func beWhole(_ target: LogMark) {
    RaftInvariants.check(isRepaired: target, in: log, durableThrough: durableIndex)
    repair = nil
    adoptConfiguration()
    write(.repaired)
    restartElectionTimer()
  }

  // MARK: Entries without a leader

  /// Gathers what is lost from everybody, own islands first, while nobody leads.
  private mutating func gather() {
    guard let repair, let found = repair.found, isLeaderless, hasRoom else { return }
    var gathering = repair.gathering ?? Gathering(found)
    takeIslands(into: &gathering)
    self.repair?.gathering = gathering
    if let meeting = gathering.meeting(with: log) { return join(gathering, behind: meeting) }
    guard gathering.size < options.repairSizeMax, microseconds >= repair.nextWishAt else { return }
    let nextWishAt = microseconds + options.resendMicroseconds
    self.repair?.nextWishAt = nextWishAt
    tellAll(.wantEntries(term: currentTerm, nonce: repair.nonce, mark: gathering.wanted))
  }

  private func takeIslands(into gathering: inout Gathering) {
    var isUseful = true
    while isUseful, gathering.meeting(with: log) == nil {
      isUseful = repair?.islands.contains { take($0, into: &gathering) } ?? false
    }
  }

  private func take(_ island: LogRun, into gathering: inout Gathering) -> Bool {
    for mark in gathering.suitableMarks where island.contains(mark) {
      let entries = island.tail(through: mark.index, sizeMax: .max, countMax: .max)
      if !entries.isEmpty, gathering.take(entries, endingAt: mark, after: island.base) {
        return true
      }
    }
    return false
  }

  /// Some of what is wanted has come, or somebody has nothing of it.
  mutating func take(_ ending: RaftMessage.EntriesEnding, from sender: Member) {
    guard repair != nil else { return takeRest(ending) }
    guard isLeaderless, ending.nonce == repair?.nonce else { return }
    if ending.entries.isEmpty { return wishWasRefused(ending, by: sender) }
    let isUseful = repair?.gathering?.take(
      ending.entries,
      endingAt: ending.mark,
      after: ending.previous
    )
    guard isUseful == true else { return }
    repair?.nextWishAt = 0
    gather()
  }

  private mutating func wishWasRefused(_ ending: RaftMessage.EntriesEnding, by sender: Member) {
    let (own, configurations) = (entry(beforeOneAt: ending.mark.index), ownConfigurations)
    for other in [ending.previous, own] {
      repair?.gathering?.refused(ending.mark, by: sender, having: other)
    }
    repair?.giveUpIfLoose(configurations, without: identity.member)
    judgeRepair()
  }

  /// Puts what was gathered behind the part of the log that it goes on from.
  private mutating func join(_ gathering: Gathering, behind meeting: LogIndex) {
    repair?.gathering = nil
    let target = gathering.target
    // The log has grown since, or the target is none that can be.
    guard target.isAtLeastAsUpToDate(as: log.last), meeting >= commitIndex else {
      repair?.found = nil
      return
    }
    if target.term > currentTerm { becomeFollower(in: target.term, of: nil) }
    if meeting < log.lastIndex, meeting < target.index { truncate(from: meeting.next) }
    for entry in gathering.entries(after: meeting) { append(entry) }
  }

  // MARK: A candidate that lacks what is gathered

  /// Sends a candidate what it lacks to be elected: what it has before may be in a snapshot, which
  /// only a leader sends.
  mutating func sendRest(behind last: LogMark, to candidate: Member) {
    let rest = repair?.gathering?.rest(
      for: last,
      sizeMax: options.appendSizeMax / 2,
      countMax: options.inFlightEntriesMax / 2
    )
    guard isAdmitted, isLeaderless, let rest else { return }
    var (size, count) = (0, 0)
    let part = rest.entries.prefix { entry in
      defer { (size, count) = (size + entry.size, count + 1) }
      return count < rest.leastCount
        || count < options.inFlightEntriesMax && size + entry.size <= options.appendSizeMax
    }
    guard let end = part.last else { return }
    let ending = RaftMessage.EntriesEnding(
      term: currentTerm,
      nonce: 0,
      mark: LogMark(index: rest.before.index + part.count, term: end.term),
      previous: rest.before,
      entries: Array(part)
    )
    send(.entriesEnding(ending), to: candidate)
  }

  /// Goes on with what is in some log behind an entry that both have.
  ///
  /// As if it had come late from the leader of then: nothing is acknowledged, and the next leader
  /// may replace it. What a later term than that of this log's last entry has in its place is not
  /// committed, unless by others that have a still later one (Raft §5.4.1).
  private mutating func takeRest(_ ending: RaftMessage.EntriesEnding) {
    if case .leader = role { return }
    guard isAdmitted, leader == nil, hasRoom, let last = ending.entries.last,
      last.term <= currentTerm, ending.mark != log.last,
      ending.mark.isAtLeastAsUpToDate(as: log.last),
      let meeting = meeting(with: ending), meeting >= commitIndex
    else { return }
    var isStanding = false
    if case .preCandidate = role { isStanding = true }
    if meeting < log.lastIndex {
      // What was acknowledged in this term may be among it; the next begins with a vote for itself.
      becomeFollower(in: currentTerm, of: nil)
      setHardState(term: currentTerm.next, votedFor: identity.member)
      truncate(from: meeting.next)
    }
    let start = ending.mark.index.rawValue - UInt64(ending.entries.count)
    for entry in ending.entries.dropFirst(meeting - LogIndex(start)) { append(entry) }
    // What is still missing comes with the next refusal, and need not wait for the timer.
    if isStanding { startPreVote() }
  }

  /// The highest place where the log agrees with entries or the one before them.
  private func meeting(with ending: RaftMessage.EntriesEnding) -> LogIndex? {
    guard let previous = ending.previous else { return nil }
    let terms = [previous.term] + ending.entries.map(\.term)
    let place = terms.indices.last { log.term(at: previous.index + $0) == terms[$0] }
    return place.map { previous.index + $0 }
  }

  // MARK: Others ask

  /// Says how far this member reaches, if its word counts.
  mutating func tellEnd(for nonce: UInt64, to sender: Member) {
    guard isAdmitted else { return showPlace(for: nonce, to: sender) }
    var ends = RaftMessage.LogEnds(
      term: currentTerm,
      nonce: nonce,
      mark: log.last,
      isTermKnown: repair?.isTermKnown ?? true
    )
    if case .leader = role {
      ends.isLeader = true
      updateFollower(sender) { $0.lost(asking: nonce) }
    }
    let marks = [log.last] + (repair?.islands.compactMap(\.last) ?? [])
    ends.others = Array(
      marks.sorted { !$1.isAtLeastAsUpToDate(as: $0) }.prefix(RaftMessage.LogEnds.othersMax)
    )
    ends.mark = ends.others.removeFirst()
    let known = [log.configuration, repair?.configuration].compactMap { $0 }
    if let newest = known.max(by: { $0.index < $1.index }) {
      ends.configurationIndex = newest.index
      ends.configuration = newest.1
    }
    send(.logEnds(ends), to: sender)
    // What an index alone does not tell (`Repair.settledElsewhere`).
    let index = ends.configurationIndex
    guard log.configuration?.index == index, index <= commitIndex else { return }
    send(.configurationCommitted(term: currentTerm, nonce: nonce, index: index), to: sender)
  }

  /// Whoever was not let in gives no word on its log.
  ///
  /// But of which configuration it was a member is
  /// true whatever its disk has lost, if that was committed: one behind it may have removed it, and
  /// then its word is not needed.
  private mutating func showPlace(for nonce: UInt64, to sender: Member) {
    guard configurationIndex > .zero, configurationIndex <= commitIndex,
      membership.contains(identity.member)
    else { return }
    show(to: sender, isAsking: false, withConfiguration: true)
    let index = configurationIndex
    send(.configurationCommitted(term: currentTerm, nonce: nonce, index: index), to: sender)
  }

  /// Sends the entries that end with this one; if none here stands before it, those that end
  /// before it in the same term; and if there are none either, says so.
  mutating func sendEntries(ending mark: LogMark, for nonce: UInt64, to sender: Member) {
    guard mark.index > .zero else { return }
    let ending = entries(ending: mark, for: nonce)
    if let ending { send(.entriesEnding(ending), to: sender) }
    if let ending, ending.entries.count > 1 || ending.previous != nil { return }
    let before = LogMark(index: mark.index.previous, term: mark.term)
    if let ending = entries(ending: before, for: nonce) {
      send(.entriesEnding(ending), to: sender)
    } else if isAdmitted, mark.index.previous > log.base.index || log.base.index == .zero {
      // What a snapshot includes is there, but not as entries.
      let refusal = RaftMessage.EntriesEnding(
        term: currentTerm,
        nonce: nonce,
        mark: mark,
        previous: entry(beforeOneAt: mark.index)
      )
      send(.entriesEnding(refusal), to: sender)
    }
  }

  /// What is here in the place before an index, with the lowest term if there are several.
  private func entry(beforeOneAt index: LogIndex) -> LogMark? {
    guard index > LogIndex(1) else { return nil }
    let terms = (repair?.islands ?? []).map { $0.term(at: index.previous) }
    let lowest = (terms + [log.term(at: index.previous)]).compactMap { $0 }.min()
    return lowest.map { LogMark(index: index.previous, term: $0) }
  }

  private func entries(
    ending mark: LogMark,
    for nonce: UInt64
  ) -> RaftMessage.EntriesEnding? {
    guard mark.index > .zero else { return nil }
    let (sizeMax, countMax) = (options.appendSizeMax, options.inFlightEntriesMax)
    if log.contains(mark.index), log.term(at: mark.index) == mark.term {
      let start = min(
        log.start(ofTrailing: sizeMax, countMax: countMax, through: mark.index),
        mark.index.previous
      )
      return RaftMessage.EntriesEnding(
        term: currentTerm,
        nonce: nonce,
        mark: mark,
        previous: log.term(at: start).map { LogMark(index: start, term: $0) },
        entries: log.entries(from: start.next, sizeMax: .max, countMax: mark.index - start)
      )
    }
    let tails = (repair?.islands ?? []).filter { $0.contains(mark) }.map { island in
      (island, island.tail(through: mark.index, sizeMax: sizeMax, countMax: countMax))
    }
    guard let (island, tail) = tails.max(by: { $0.1.count < $1.1.count }), !tail.isEmpty else {
      return nil
    }
    let start = LogIndex(mark.index.rawValue - UInt64(tail.count))
    return RaftMessage.EntriesEnding(
      term: currentTerm,
      nonce: nonce,
      mark: mark,
      previous: island.term(at: start).map { LogMark(index: start, term: $0) },
      entries: tail
    )
  }
}
