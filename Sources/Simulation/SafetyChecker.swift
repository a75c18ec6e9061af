import Consensus
import Raft

/// Watches every step of every node from outside and knows what none of them can: the truth.
///
/// The ids are those of the project's list of invariants. It looks at records as they are handed
/// to the journal, at messages as they leave, at entries as they commit and at commands as they
/// take effect; a crash does not make it forget.
struct SafetyChecker {
  /// Where an entry stands, and in which term it was proposed.
  private struct EntryPlace: Hashable {
    let index: LogIndex
    let term: Term
  }

  /// What must be equal wherever an entry of this place exists (S5).
  private struct Lineage: Equatable {
    let entry: EntryMark
    let previous: EntryMark?
  }

  private struct Ballot: Hashable {
    let voter: Member
    let term: Term
  }

  var members: [Member]
  /// Who nodes were before they came back as other members, and what their disks had held.
  var former: [(member: Member, ledger: NodeLedger)] = []
  var ledgers: [NodeLedger]
  /// Everything known to be committed; index 1 comes first.
  private(set) var committed: [Committed] = []
  private(set) var leaderChanges = 0
  private(set) var committedMarks: [EntryMark] = []
  /// The term of the first node to know each entry as committed.
  private var commitTerms: [Term] = []
  /// The term that each node leads in at this moment.
  private var offices: [Term?]
  /// Whether each node leads and did so in the turn before.
  private var areSettled: [Bool]
  /// Looked up only.
  private var leaders: [Term: NodeID] = [:]
  private var ballots: [Ballot: Member] = [:]
  private var lineages: [EntryPlace: Lineage] = [:]
  /// The terms that somebody has entered; looked up only.
  private var terms: Set<Term> = [Term(0)]
  private var sessions = ReferenceSessions()
  var memberWatch: MemberWatch
  /// What each node knew to be committed at the end of its last turn.
  private var commitIndexes: [LogIndex]

  /// Every configuration that was ever written, in that order; the first is the cluster's own.
  private(set) var configurations: [(index: LogIndex, ClusterConfiguration)]
  /// Where the newest committed one stands.
  private(set) var configurationIndex = LogIndex(1)
  /// The newest configuration that is committed.
  private(set) var configuration: ClusterConfiguration

  init(members: [Member], voters configuration: ClusterConfiguration) {
    self.members = members
    self.configuration = configuration
    configurations = [(LogIndex(1), configuration)]
    ledgers = [NodeLedger](repeating: NodeLedger(), count: members.count)
    offices = [Term?](repeating: nil, count: members.count)
    areSettled = [Bool](repeating: false, count: members.count)
    memberWatch = MemberWatch(members: members)
    commitIndexes = [LogIndex](repeating: .zero, count: members.count)
  }

  // MARK: Records

  /// A node hands records to its journal (S4, S5, S11).
  mutating func wrote(_ record: RaftRecord, by node: Int, isLeader: Bool) throws(Violation) {
    let mark = try mark(of: record, by: node)
    switch mark {
    case .hardState(let term, let votedFor):
      try enters(term, votingFor: votedFor, node)
    case .entry(let index, let entry):
      let previous = ledgers[node].written.log.last
      guard index == ledgers[node].written.lastIndex.next else {
        throw .safety("S5", "\(members[node].id) wrote entry \(index) with a gap before it")
      }
      try checkLineage(Lineage(entry: entry, previous: previous), at: index, of: node)
      note(record)
    case .truncate(let index):
      guard !isLeader else {
        throw .safety("S4", "\(members[node].id) leads and truncates from \(index)")
      }
      try checkTruncation(from: index, of: node)
    case .restart(let snapshot):
      guard !isLeader else {
        throw .safety("S4", "\(members[node].id) leads and takes another's snapshot")
      }
      try checkRestart(with: snapshot, record, of: node)
    case .repair, .admission, .other: break
    }
    ledgers[node].write(mark)
    memberWatch.wrote(record, by: node, ledgers[node].written)
  }

  private mutating func note(_ record: RaftRecord) {
    guard case .entry(let index, let entry) = record,
      case .configuration(let next) = entry.payload,
      !configurations.contains(where: { $0.index == index && $0.1 == next })
    else { return }
    configurations.append((index, next))
  }

  /// A term begins with a candidate's vote for itself; whoever only asks stays where it is
  /// (Raft §5.2, thesis §9.6).
  private mutating func enters(
    _ term: Term,
    votingFor votedFor: Member?,
    _ node: Int
  ) throws(Violation) {
    let mayEnter = votedFor == members[node] || ledgers[node].isTermLost
    guard terms.insert(term).inserted, !mayEnter else { return }
    throw .safety("L5", "\(members[node].id) enters term \(term), for which nobody stands")
  }

  /// A node's journal says that everything up to a position is synced.
  mutating func synced(through position: UInt64, by node: Int) {
    ledgers[node].synced(through: position)
  }

  /// A node's disk has lost what it held; what it said as a leader cannot be compared any more.
  mutating func lost(_ node: Int, leaving copy: NodeLedger) {
    offices[node] = nil
    ledgers[node].loses(leaving: copy)
  }

  /// A node starts from its disk (W2, S10).
  mutating func recovered(
    _ records: [Recovered<RaftRecord>],
    without holes: [ClosedRange<UInt64>] = [],
    after snapshot: LogIndex = .zero,
    mayLackEnd: Bool = false,
    by node: Int
  ) throws(Violation) {
    offices[node] = nil
    // Who is alone leads in a term before that is durable, and may lead in it again if it is lost:
    // nobody was told.
    if configurations.contains(where: { $0.1.seats.count == 1 }) { lineages.removeAll() }
    areSettled[node] = false
    let found = records.map {
      ($0.position, LedgerRecord($0.record, committed: committedMarks))
    }
    let reason =
      ledgers[node].recovered(found, without: holes, after: snapshot, mayLackEnd: mayLackEnd)
    if let reason { throw .safety("W2", "\(members[node].id): \(reason)") }
    commitIndexes[node] = .zero
    memberWatch.started(node, ledgers[node].written)
  }

  private mutating func checkLineage(
    _ lineage: Lineage,
    at index: LogIndex,
    of node: Int
  ) throws(Violation) {
    let place = EntryPlace(index: index, term: lineage.entry.term)
    guard let known = lineages[place] else {
      lineages[place] = lineage
      return
    }
    guard known == lineage else {
      let id = members[node].id
      throw .safety("S5", "\(id) has another entry \(index) of term \(place.term) than others")
    }
  }

  private func checkTruncation(from index: LogIndex, of node: Int) throws(Violation) {
    let log = ledgers[node].written.log
    let first = Int(index.rawValue) - 1
    guard first < log.count else {
      throw .safety("S11", "\(members[node].id) truncates from \(index), where nothing is")
    }
    // A leader of the past may still overwrite a minority's copy of what a later term commits.
    guard first < committedMarks.count, log[first] == committedMarks[first],
      commitTerms[first] <= ledgers[node].written.term
    else { return }
    throw .safety("S11", "\(members[node].id) truncates the committed entry \(index)")
  }

  /// A snapshot takes a log's place where it holds what is committed and the log does not (W6).
  private func checkRestart(
    with snapshot: [EntryMark],
    _ record: RaftRecord,
    of node: Int
  ) throws(Violation) {
    // A node that waits to be added begins with an empty log.
    if snapshot.isEmpty, ledgers[node].written.log.isEmpty { return }
    guard case .restart(let mark) = record, let last = snapshot.last,
      Int(mark.index.rawValue) == snapshot.count, last.term == mark.term
    else {
      throw .safety("W6", "\(members[node].id) takes a snapshot of what is not committed")
    }
    // Whoever goes by what is left of a damaged log may begin with the snapshot already.
    let log = ledgers[node].written
    guard log.entry(at: mark.index) != last || log.lastIndex == mark.index else {
      throw .safety("S11", "\(members[node].id) gives up a log that has what the snapshot has")
    }
  }

  // MARK: Promises

  /// A message leaves a node (S2, S3).
  mutating func sends(
    _ message: RaftMessage,
    from node: Int,
    to recipient: Member
  ) throws(Violation) {
    let durable = ledgers[node].durable
    let id = members[node].id
    switch message {
    case .preVoteAnswer(_, isGranted: true):
      guard !areSettled[node] else {
        throw .liveness("L2", "\(id) leads and lets \(recipient.id) stand for election")
      }
      return
    case .requestPreVote:
      guard memberWatch.mayStand(node, committed: commitIndexes[node]) else {
        throw .safety("M4", "\(id) was removed, knows it and asks for votes")
      }
      return
    case .preVoteAnswer: return
    case .voteAnswer(let term, isGranted: true):
      try vote(of: members[node], for: recipient, in: term)
      try checkVote(for: recipient, in: term, of: node)
    case .requestVote(let term, _, _):
      try vote(of: members[node], for: members[node], in: term)
      try checkVote(for: members[node], in: term, of: node)
    case .appendAccepted(let term, let matchIndex, _):
      guard ledgers[node].holdsDurably(matchIndex, in: term) else {
        throw .safety("S3", "\(id) acknowledges \(matchIndex), which is not durable there")
      }
      try checkMatch(through: matchIndex, in: term, of: node, with: recipient)
    case .voteAnswer, .appendEntries, .appendRejected, .heartbeat, .heartbeatAnswer, .timeoutNow,
      .commitAdvanced, .requestReadIndex, .readIndexAnswer, .termPassed, .installSnapshot, .present,
      .snapshotWanted, .removed, .remembered, .appendStored, .askEnd, .logEnds, .wantEntries,
      .entriesEnding, .replaceMe, .replaced:
      break
    }
    guard durable.term >= message.term else {
      throw .safety("S3", "\(id) speaks in term \(message.term), durable is \(durable.term)")
    }
  }

  /// What is acknowledged is the leader's entry, not one that happens to stand there (S9).
  private func checkMatch(
    through index: LogIndex,
    in term: Term,
    of node: Int,
    with leader: Member
  ) throws(Violation) {
    guard let other = members.firstIndex(of: leader), offices[other] == term else { return }
    let own = ledgers[node].written
    guard own.term == term, index > .zero else { return }
    guard own.entry(at: index) == ledgers[other].written.entry(at: index) else {
      let id = members[node].id
      throw .safety("S9", "\(id) acknowledges \(index), where the leader has another entry")
    }
  }

  private mutating func vote(
    of voter: Member,
    for candidate: Member,
    in term: Term
  ) throws(Violation) {
    let ballot = Ballot(voter: voter, term: term)
    if let known = ballots[ballot], known != candidate {
      throw .safety("S2", "\(voter.id) votes for \(known.id) and \(candidate.id) in term \(term)")
    }
    ballots[ballot] = candidate
  }

  private func checkVote(
    for candidate: Member,
    in term: Term,
    of node: Int
  ) throws(Violation) {
    let durable = ledgers[node].durable
    guard durable.term > term || (durable.term == term && durable.votedFor == candidate) else {
      throw .safety("S3", "\(members[node].id)'s vote in term \(term) leaves before its record")
    }
  }

  // MARK: Leaders and commitment

  /// A node stands like this at the end of a turn (S1, S6, S8, S10).
  mutating func stands(
    _ status: CoreStatus,
    before: CoreStatus?,
    at node: Int
  ) throws(Violation) {
    let id = members[node].id
    if let before {
      guard status.term >= before.term, status.commitIndex >= before.commitIndex else {
        throw .safety("S10", "\(id) went back in term or commit index")
      }
    }
    defer { memberWatch.turnEnded(node) }
    commitIndexes[node] = status.commitIndex
    offices[node] = status.role == .leader ? status.term : nil
    areSettled[node] = false
    guard status.role == .leader else { return }
    try leads(node, in: status.term)
    if let promise = memberWatch.objection(to: status, of: node, ledgers[node].written) {
      throw .safety(promise, "\(id) changes the members in term \(status.term) too early")
    }
    let isNews = status.commitIndex > (before?.commitIndex ?? .zero)
    areSettled[node] = before?.role == .leader && before?.term == status.term
    if isNews, areSettled[node] {
      let term = ledgers[node].written.entry(at: status.commitIndex)?.term
      guard term == status.term else {
        throw .safety("S8", "\(id) commits \(status.commitIndex) of an earlier term by counting")
      }
      try checkQuorum(of: status.commitIndex, at: node)
    }
  }

  private mutating func leads(_ node: Int, in term: Term) throws(Violation) {
    let id = members[node].id
    if let known = leaders[term] {
      guard known == id else {
        throw .safety("S1", "\(known) and \(id) both lead in term \(term)")
      }
      return
    }
    let isElected = memberWatch.hasQuorum(at: node) { voter in
      voter == members[node] || ballots[Ballot(voter: voter, term: term)] == members[node]
    }
    guard isElected else {
      throw .safety("M1", "\(id) leads in term \(term) without the votes of a quorum")
    }
    leaders[term] = id
    leaderChanges += leaders.count > 1 ? 1 : 0
    // A candidate may win late: what a later term has committed by then binds it to nothing.
    let count = (commitTerms.lastIndex { $0 < term } ?? -1) + 1
    let log = ledgers[node].written.log
    guard log.count >= count, log[..<count].last == committedMarks[..<count].last else {
      throw .safety("S6", "\(id) leads in term \(term) without all committed entries")
    }
    // Nothing that it found can commit, and no read be answered, before (Raft §5.4.2, §8).
    guard log.last?.term == term else {
      throw .liveness("L1", "\(id) leads in term \(term) and appends nothing of its own")
    }
  }

  /// A node hands out entries as committed (S7, S9, W1).
  mutating func commits(
    _ entries: [Committed],
    at node: Int,
    in term: Term
  ) throws(Violation) {
    for entry in entries {
      let id = members[node].id
      guard let mark = ledgers[node].written.entry(at: entry.index), mark.term == entry.term
      else {
        throw .safety("S9", "\(id) commits \(entry.index), which its log does not hold")
      }
      let offset = Int(entry.index.rawValue) - 1
      if offset < committedMarks.count {
        guard committedMarks[offset] == mark else {
          throw .safety("S7", "\(id) commits another entry \(entry.index) than others did")
        }
      } else {
        guard offset == committedMarks.count else {
          throw .safety("S7", "\(id) commits \(entry.index) and leaves out what comes before")
        }
        committedMarks.append(mark)
        commitTerms.append(term)
        committed.append(entry)
        sessions.follow(entry)
        if case .configuration(let next) = entry.payload {
          configuration = next
          configurationIndex = entry.index
        }
        try checkDurable(entry.index, what: "\(id) commits")
      }
    }
  }

  /// A client is told that its write took effect (W1).
  func acknowledges(_ index: LogIndex) throws(Violation) {
    guard Int(index.rawValue) <= committedMarks.count else {
      throw .safety("W1", "the write at \(index) is acknowledged and not committed")
    }
    try checkDurable(index, what: "a node acknowledges")
  }

  /// A node holds so many sessions in the state that includes an index (R4, T4).
  func holds(sessions count: Int, at index: LogIndex, by node: Int) throws(Violation) {
    let expected = sessions.count(at: index)
    guard count != expected else { return }
    let id = members[node].id
    throw .safety("R4", "\(id) has \(count) sessions at \(index), \(expected) are open")
  }
}
