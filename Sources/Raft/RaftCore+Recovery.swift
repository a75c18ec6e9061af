package import Consensus

extension RaftCore {
  /// What a new directory's journal contains: the configuration as the entry at index 1, of
  /// term 0, equal in every member's log.
  package static func initialRecords(for configuration: ClusterConfiguration) -> [RaftRecord] {
    let entry = LogEntry(
      .configuration(configuration),
      term: Term(0),
      logTimeMicroseconds: 0,
      wallMilliseconds: 0
    )
    return [.entry(LogIndex(1), entry)]
  }

  /// What the journal of a node contains that waits to be added to a cluster: its log begins empty.
  package static let joinerRecords: [RaftRecord] = [
    .restart(LogMark(index: .zero, term: Term(0)))
  ]

  /// Whether the log in the journal reaches back to a snapshot, or to its first entry if there
  /// is none, without a hole; or somebody is known who can be asked for what is lost.
  package static func canRecover(_ past: Past<RaftRecord>, as member: Member) -> Bool {
    let journal = RecoveredState(folding: past)
    return !journal.isDamaged(after: past.snapshot)
      || journal.knowsOthers(than: member, past.snapshot)
  }

  /// Whether something is lost that others have to be asked for.
  package static func mustRepair(_ past: Past<RaftRecord>) -> Bool {
    RecoveredState(folding: past).isDamaged(after: past.snapshot)
  }

  /// Goes on from what the journal holds.
  mutating func recover(_ past: Past<RaftRecord>) {
    let journal = RecoveredState(folding: past)
    currentTerm = journal.term
    votedFor = journal.votedFor
    lastPosition = journal.lastPosition
    durablePosition = journal.lastPosition
    if journal.isDamaged(after: past.snapshot) {
      beginRepair(of: journal, after: past.snapshot)
    } else {
      let (log, isReplaced) = journal.log(after: past.snapshot)
      self.log = log
      durableIndex = log.lastIndex
      adoptConfiguration()
      if let snapshot = past.snapshot { goOn(after: snapshot, isLogReplaced: isReplaced) }
    }
    beginAdmission(after: journal)
  }
}
