import Consensus

/// What a member knows that has lost a part of its journal: how far its log has to reach for
/// nothing to be missing, and what of that it has found.
struct Repair: Sendable {
  /// Told at this start by a member: how far it reaches.
  private struct Answer: Sendable {
    let member: Member
    let ends: RaftMessage.LogEnds
  }

  /// A leader's word that entries are committed.
  private struct Commitment: Sendable {
    let leader: Member
    var term: Term
    var index: LogIndex
  }

  /// The configurations of the log that is left.
  struct Own: Sendable {
    /// The one in use, and where it stands; at zero if the log has none.
    let newest: (index: LogIndex, ClusterConfiguration)
    /// The newest that is known to be committed.
    let settled: (index: LogIndex, ClusterConfiguration)?
  }

  /// How far from the latest known term no forgotten one can be: elections would have followed
  /// each other for twenty years.
  static let leap: Range<UInt64> = 1 << 32..<1 << 33

  /// Tells the questions of this start from all others.
  let nonce: UInt64
  /// Whether the term that the journal tells is the newest that it ever told.
  var isTermKnown: Bool
  /// What stands behind holes: served and compared, never applied or acknowledged.
  let islands: [LogRun]
  /// The newest configuration of each.
  private let islandConfigurations: [(index: LogIndex, ClusterConfiguration)]
  /// Who had shown something, as far as the journal tells.
  private let remembered: [Member]
  /// Where those told configurations stand that a member knows to be committed.
  private var committed: [(member: Member, index: LogIndex)] = []
  /// Those that members have shown who give no word on their logs.
  private var shown: [(member: Member, index: LogIndex, configuration: ClusterConfiguration)] = []
  /// The newest of what each leader has said of what is committed.
  private var commitments: [Commitment] = []
  /// The newest answer of each.
  private var answers: [Answer] = []

  /// Where a leader's log ended: ours has all that counts once it reaches there.
  private(set) var word: LogMark?
  /// The term of that leader.
  private var wordTerm = Term(0)
  /// When a leader last answered; at first, the start.
  private(set) var leaderSpokeAt: UInt64
  /// The highest entry of all, where everybody has answered.
  var found: LogMark?
  /// What has been gathered of the log that ends there.
  var gathering: Gathering?
  /// Ends of stretches that go on from nothing that is left: none of that was ever committed.
  private var loose: [LogMark] = []
  var nextAskAt: UInt64 = 0
  var nextWishAt: UInt64 = 0

  init(
    nonce: UInt64,
    islands: [LogRun],
    after journal: RecoveredState,
    at now: UInt64
  ) {
    self.nonce = nonce
    self.islands = islands
    islandConfigurations = islands.compactMap(\.configuration)
    isTermKnown = journal.isTermKnown
    remembered = journal.admission?.memory.map(\.member) ?? []
    leaderSpokeAt = now
  }

  // MARK: Answers

  /// Keeps an answer to a question of this start.
  mutating func keep(_ ends: RaftMessage.LogEnds, of member: Member) {
    answers.removeAll { $0.member == member }
    answers.append(Answer(member: member, ends: ends))
  }

  /// Keeps that a member knows the configuration at an index of its log to be committed.
  mutating func keepCommitted(_ index: LogIndex, of member: Member) {
    committed.removeAll { $0.member == member }
    committed.append((member, index))
  }

  /// Keeps the configuration that a member has shown, whether it was let in or not.
  mutating func keepShown(_ presence: RaftMessage.Presence, by member: Member) {
    guard let configuration = presence.configuration, presence.showing.member == member else {
      return
    }
    shown.removeAll { $0.member == member }
    shown.append((member, presence.configurationIndex, configuration))
  }

  /// Those that were committed, as whoever shows them knows.
  private var shownConfigurations: [(index: LogIndex, ClusterConfiguration)] {
    shown.filter { showing in committed.contains { $0 == (showing.member, showing.index) } }
      .map { ($0.index, $0.configuration) }
  }

  /// A leader, of no earlier term than ours, says where its log ends.
  ///
  /// Whatever this member acknowledged in that term or an earlier one, and is or will be committed,
  /// is in that leader's log (Leader Completeness, Raft §5.4.3).
  mutating func keepWord(_ ends: RaftMessage.LogEnds, at now: UInt64) {
    leaderSpokeAt = now
    // A later word of the same leader would only be further away.
    guard word == nil || ends.term > wordTerm else { return }
    word = ends.mark
    wordTerm = ends.term
  }

  /// The highest entry that anybody holds, this member's log's end `own` included, if all voters
  /// there may be but `member` itself have answered.
  ///
  /// What a member has committed alone, nobody else can tell; so one that is the only voter of the
  /// newest configuration never learns it.
  func highestMark(
    with own: LogMark,
    _ configurations: Own,
    without member: Member
  ) -> LogMark? {
    let all = [configurations.newest] + foreignConfigurations
    let isAlone = all.max { $0.index < $1.index }.map { Membership($0.1).isOnlyVoter(member) }
    guard isAlone != true else { return nil }
    let voters = voters(configurations).filter { $0 != member }
    guard !voters.isEmpty, voters.allSatisfy(hasAnswered) else { return nil }
    let told = answers.flatMap { [$0.ends.mark] + $0.ends.others }
    let marks = (told + islands.compactMap(\.last)).filter { !loose.contains($0) }
    return marks.reduce(own) { $0.isAtLeastAsUpToDate(as: $1) ? $0 : $1 }
  }

  /// Gives up what is gathered if nobody has the entry before it, whatever it may have been: had
  /// it been committed, some voter would still hold it.
  mutating func giveUpIfLoose(_ own: Own, without member: Member) {
    guard let gathering, !gathering.isAmbiguous else { return }
    let others = voters(own).filter { $0 != member }
    guard others.allSatisfy(gathering.refusals.contains) else { return }
    loose.append(gathering.target)
    found = nil
    self.gathering = nil
  }

  /// The latest term that anybody knows.
  var latestTerm: Term { answers.map(\.ends.term).max() ?? Term(0) }
  /// Whether somebody else has lost its newest term too.
  var othersForgotTerms: Bool { !answers.allSatisfy(\.ends.isTermKnown) }

  private func hasAnswered(_ member: Member) -> Bool {
    answers.contains { $0.member == member }
  }

  // MARK: Members

  /// The newest configuration behind a hole or told by others; the log may have lost it.
  var configuration: (index: LogIndex, ClusterConfiguration)? {
    foreignConfigurations.max { $0.index < $1.index }
  }

  private var foreignConfigurations: [(index: LogIndex, ClusterConfiguration)] {
    let told = answers.compactMap { answer in
      answer.ends.configuration.map { (index: answer.ends.configurationIndex, $0) }
    }
    return islandConfigurations + told
  }

  /// All who may have decided something: the voters, leaving ones too, of every configuration that
  /// is known, and those who were remembered: also who only learns there, since what is lost may
  /// be its promotion.
  ///
  /// Who is in none since one that is committed can decide nothing any more, and its word is not
  /// needed: a quorum of that configuration has every entry that was committed before it, and was
  /// in every term in which somebody was elected. It may be gone for good. Of one who is only
  /// remembered it must be known that it was before: one who came later is in a configuration that
  /// may be lost.
  func voters(_ own: Own) -> [Member] {
    let indexed = [own.newest] + foreignConfigurations + shownConfigurations
    let settled = ([own.settled] + settledElsewhere).compactMap { $0 }
      .max { $0.index < $1.index }
    let place = settled?.index ?? .zero
    let known = indexed.filter { $0.index >= place }.map(\.1)
    let former = indexed.filter { $0.index < place }.flatMap { $0.1.everybody.map(\.member) }
    let members = known.flatMap(\.everybody).map(\.member)
    let others = remembered.filter { member in
      let isFormer = former.contains(member) || members.contains(member.successor)
      return members.contains(member) || !isFormer
    }
    return (known.flatMap { Membership($0).voters } + others).unique
  }

  /// Those of which somebody knows that they are committed, and those of leaders' logs that are.
  ///
  /// An index alone does not say so: a leader that was cut off may hold another configuration below
  /// what is committed elsewhere. But its log only grows while it leads (Leader Append-Only, Raft
  /// §5.3), so what it says of what is committed in a term is true of all it tells in that term.
  private var settledElsewhere: [(index: LogIndex, ClusterConfiguration)?] {
    answers.map { answer in
      guard let configuration = answer.ends.configuration else { return nil }
      let index = answer.ends.configurationIndex
      guard !committed.contains(where: { $0 == (answer.member, index) }) else {
        return (index, configuration)
      }
      guard answer.ends.isLeader else { return nil }
      let isCommitted = commitments.contains { word in
        word.leader == answer.member && word.term == answer.ends.term
          && index <= word.index
      }
      return isCommitted ? (index, configuration) : nil
    }
  }

  /// A leader's word of what is committed there.
  mutating func note(_ message: RaftMessage, of leader: Member) {
    switch message {
    case .appendEntries(let append):
      note(Commitment(leader: leader, term: append.term, index: append.commitIndex))
    case .heartbeat(let term, _, let index), .commitAdvanced(let term, let index):
      note(Commitment(leader: leader, term: term, index: index))
    default: break
    }
  }

  private mutating func note(_ word: Commitment) {
    guard let place = commitments.firstIndex(where: { $0.leader == word.leader }) else {
      return commitments.append(word)
    }
    if word.term > commitments[place].term {
      commitments[place] = word
    } else if word.term == commitments[place].term {
      commitments[place].index = max(commitments[place].index, word.index)
    }
  }

  /// The voters that have not answered.
  func unheard(_ own: Own, without member: Member) -> [NodeID] {
    voters(own).filter { $0 != member && !hasAnswered($0) }.map(\.id)
  }

  /// Everybody who may know something.
  func everybody(_ own: ClusterConfiguration) -> [Member] {
    (configurations(own).flatMap { $0.everybody.map(\.member) } + remembered).unique
  }

  /// A configuration that says where all of these are reached: others than those in use leave it.
  func reach(from own: ClusterConfiguration) -> ClusterConfiguration {
    var reach = configuration?.1 ?? own
    for seat in configurations(own).flatMap(\.everybody) where reach.seat(of: seat.member) == nil {
      reach.outgoing.append(seat)
    }
    reach.outgoing.sort { $0.member.id < $1.member.id }
    return reach
  }

  private func configurations(_ own: ClusterConfiguration) -> [ClusterConfiguration] {
    [own] + foreignConfigurations.map(\.1)
  }
}

extension [Member] {
  /// Each once, in the order in which they come first.
  fileprivate var unique: [Member] {
    var unique: [Member] = []
    for member in self where !unique.contains(member) { unique.append(member) }
    return unique
  }
}
