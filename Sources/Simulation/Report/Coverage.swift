import Consensus
import Raft
import Replication
import Storage

/// Which marks a run has reached, and what must be remembered to tell.
struct Coverage {
  /// What is known of one node from before.
  private struct Memory {
    /// The terms it led in.
    var ledTerms: [Term] = []
    /// The term it leads in now.
    var office: Term?
    /// The last term in which it was a candidate.
    var candidacy: Term?
    /// The term of its last vote, and the start in which it was given.
    var vote: (term: Term, boot: UInt64)?
    /// The part of a snapshot that was last read for another node.
    var lastRead: (place: SnapshotPlace, member: Member)?
  }

  private var counts = [Int](repeating: 0, count: CoverageMark.allCases.count)
  private var memories: [Memory]
  /// The first candidate of each term; looked up only.
  private var candidates: [Term: Int] = [:]
  /// Terms with several candidates, and terms that somebody won; looked up only.
  private var contested: Set<Term> = []
  private var won: Set<Term> = []

  init(nodeCount: Int) {
    memories = [Memory](repeating: Memory(), count: nodeCount)
  }

  /// All marks, with how often they were reached.
  var all: [(mark: CoverageMark, count: Int)] {
    zip(CoverageMark.allCases, counts).map { (mark: $0.0, count: $0.1) }
  }

  /// A mark is reached.
  mutating func reach(_ mark: CoverageMark, if isReached: Bool = true) {
    if isReached { counts[mark.rawValue] += 1 }
  }

  /// Whether a node leads in a term of the past.
  private func isOld(_ office: Term) -> Bool {
    memories.contains { ($0.office ?? office) > office }
  }

  // MARK: Turns

  /// A node hands a record to its journal.
  mutating func wrote(
    _ record: RaftRecord,
    by node: Int,
    boot: UInt64,
    _ checker: SafetyChecker
  ) {
    switch record {
    case .entry: break
    case .hardState(let term, let vote):
      guard let vote else { return }
      memories[node].vote = (term, boot)
      if vote == checker.members[node] { campaigned(node, in: term) }
    case .truncate(let index): truncated(from: index, node, checker)
    case .restart: reach(.snapshotReplacesLog)
    case .repaired, .admission, .repair: break
    }
  }

  private mutating func campaigned(_ node: Int, in term: Term) {
    if let last = memories[node].candidacy {
      reach(.splitVote, if: contested.contains(last) && !won.contains(last))
    }
    memories[node].candidacy = term
    guard let first = candidates[term] else {
      candidates[term] = node
      return
    }
    if first != node { contested.insert(term) }
  }

  private mutating func truncated(
    from index: LogIndex,
    _ node: Int,
    _ checker: SafetyChecker
  ) {
    let ledger = checker.ledgers[node]
    let gone = ledger.written.log[(Int(index.rawValue) - 1)...]
    guard let first = gone.first, let last = gone.last else { return }
    reach(.followerTruncates)
    reach(.conflictAcrossTerms, if: first.term != last.term)
    reach(
      .truncatesBeforeSync,
      if: ledger.durable.entry(at: LogIndex(UInt64(ledger.written.log.count))) != last
    )
    let led = memories[node].ledTerms
    reach(.ownEntriesTruncated, if: gone.contains { led.contains($0.term) })
    let holders = checker.ledgers.count { $0.durable.entry(at: index) == first }
    reach(.majorityEntryOverwritten, if: holders >= checker.quorum)
  }

  /// A node has gone round its loop.
  mutating func turned(
    _ node: Int,
    from before: CoreStatus?,
    to status: CoreStatus,
    _ core: ObservedCore
  ) {
    let refusesReads = core.lastEffects.refused.contains { refused in
      if case .read = refused { true } else { false }
    }
    if before?.role == .leader, status.role != .leader || status.term != before?.term {
      reach(status.term == before?.term ? .leaderStepsDown : .leaderDeposed)
      reach(.leaderDeposedWithReads, if: refusesReads)
      reach(
        .removedLeaderGoes,
        if: core.configuration.seat(of: NodeID(UInt32(node + 1))) == nil
      )
    }
    if status.role == .leader {
      if memories[node].office != status.term { elected(node, in: status.term) }
      if isOld(status.term) {
        reach(.twoLeaders)
        reach(.oldLeaderAskedToRead, if: !core.lastReads.isEmpty)
      }
    }
    memories[node].office = status.role == .leader ? status.term : nil
    let truncates = core.lastEffects.records.contains { record in
      if case .truncate = record { true } else { false }
    }
    reach(.configurationTruncated, if: truncates && core.lastEffects.configuration != nil)
  }

  private mutating func elected(_ node: Int, in term: Term) {
    reach(.leaderReturns, if: !memories[node].ledTerms.isEmpty)
    memories[node].ledTerms.append(term)
    won.insert(term)
  }

  /// A node's process is gone, and with it its office.
  mutating func wentDown(_ node: Int, running: Int) {
    memories[node].office = nil
    reach(.majorityDown, if: running <= memories.count - (memories.count / 2 + 1))
    reach(.allDown, if: running == 0)
  }

  /// A node starts on what recovery found.
  mutating func started(_ report: RecoveryReport, hadSpare: Bool) {
    reach(.recoveryOfSegments, if: report.segments > 1)
    reach(.recoveryCutsTail, if: report.bytesZeroed > 0)
    reach(.recoveryRepairs, if: !report.repairs.isEmpty)
    reach(.recoveryRemovesUnfinished, if: !report.removed.isEmpty)
    reach(.recoveryWithoutSpare, if: !hadSpare)
  }

  /// A node starts from a snapshot, with a log that goes on behind it or none.
  mutating func started(from snapshot: LogIndex, isLogGivenUp: Bool) {
    reach(.recoveryFromSnapshot, if: snapshot > .zero)
    reach(.recoveryGivesUpLog, if: isLogGivenUp)
  }

  /// A node hears how it stands with the others.
  mutating func learns(_ admission: AdmissionStatus) {
    switch admission {
    case .waiting, .admitted, .voterSilent: break
    case .directoryRemade: reach(.remadeDirectoryRefused)
    case .rolledBack: reach(.rolledBackDirectoryRefused)
    }
  }

  /// A part of a snapshot is read, to be sent.
  mutating func reads(_ place: SnapshotPlace, for member: Member, at node: Int) {
    if let last = memories[node].lastRead, last.member == member {
      reach(.installResumed, if: place.offset > 0 && last.place == place)
    }
    memories[node].lastRead = (place, member)
  }

  /// Whether a node gave its vote of this term away in an earlier life.
  func votedBefore(_ boot: UInt64, _ node: Int, in term: Term) -> Bool {
    guard let vote = memories[node].vote else { return false }
    return vote.term == term && vote.boot < boot
  }
}
