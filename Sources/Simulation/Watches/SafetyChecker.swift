import Consensus
import Raft

/// Watches every step of every node from outside and knows what none of them can: the truth.
///
/// The ids are those of the project's list of invariants. It looks at records as they are handed
/// to the journal, at messages as they leave, at entries as they commit and at commands as they
/// take effect; a crash does not make it forget.
struct SafetyChecker {
  /// Where an entry stands, and in which term it was proposed.
  struct EntryPlace: Hashable {
    let index: LogIndex
    let term: Term
  }

  /// What must be equal wherever an entry of this place exists (S5).
  struct Lineage: Equatable {
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
  /// What nodes owe that have lost a part of their journals.
  var repairs: [RepairWatch]
  /// Everything known to be committed; index 1 comes first.
  private(set) var committed: [Committed] = []
  private(set) var leaderChanges = 0
  private(set) var committedMarks: [EntryMark] = []
  /// The term of the first node to know each entry as committed.
  var commitTerms: [Term] = []
  /// The term that each node leads in at this moment.
  var offices: [Term?]
  /// Whether each node leads and did so in the turn before.
  var areSettled: [Bool]
  /// Looked up only.
  private var leaders: [Term: NodeID] = [:]
  private var ballots: [Ballot: Member] = [:]
  var lineages: [EntryPlace: Lineage] = [:]
  /// The terms that somebody has entered; looked up only.
  var terms: Set<Term> = [Term(0)]
  private var sessions = ReferenceSessions()
  var memberWatch: MemberWatch
  /// What each node knew to be committed at the end of its last turn.
  var commitIndexes: [LogIndex]

  /// Every configuration that was ever written, in that order; the first is the cluster's own.
  var configurations: [(index: LogIndex, ClusterConfiguration)]
  /// Where the newest committed one stands.
  private(set) var configurationIndex = LogIndex(1)
  /// The newest configuration that is committed.
  private(set) var configuration: ClusterConfiguration

  init(members: [Member], voters configuration: ClusterConfiguration) {
    self.members = members
    self.configuration = configuration
    configurations = [(LogIndex(1), configuration)]
    ledgers = [NodeLedger](repeating: NodeLedger(), count: members.count)
    repairs = [RepairWatch](repeating: RepairWatch(), count: members.count)
    offices = [Term?](repeating: nil, count: members.count)
    areSettled = [Bool](repeating: false, count: members.count)
    memberWatch = MemberWatch(members: members)
    commitIndexes = [LogIndex](repeating: .zero, count: members.count)
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
    try checkForgottenTerm(message, of: node)
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
      .snapshotWanted, .removed, .remembered, .appendStored, .askEnd, .logEnds,
      .configurationCommitted, .wantEntries, .entriesEnding, .replaceMe, .replaced:
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

  /// Whether a node is known to lead, or to have led, in a term.
  func leads(_ id: NodeID, in term: Term) -> Bool { leaders[term] == id }

  /// Whether anybody has led yet.
  var hasHadLeader: Bool { !leaders.isEmpty }

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
