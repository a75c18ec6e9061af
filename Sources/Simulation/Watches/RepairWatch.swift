import Consensus
import Raft

/// What a node has promised whose disk has lost a part of its journal, and what it therefore may
/// not do before it is whole again (W4, W5; docs/decisions/0030).
struct RepairWatch {
  /// The logs that its disk held before it lost a part of them, since it was last whole.
  private var promised: [[EntryMark]] = []
  /// The latest term that any other voter was in when the node started without knowing its own:
  /// whatever it promised may have been in that one.
  private var silentThrough: Term?

  /// The node starts with holes in its journal, and had held this log.
  mutating func promises(_ log: [EntryMark]) {
    promised.append(log)
  }

  /// The node starts; others have come to a term, if its own may be lost.
  mutating func starts(among others: Term?) {
    silentThrough = others
  }

  /// Nobody builds on what the disk held any more: the node comes back as another one, or is known
  /// to have lost it.
  mutating func release() {
    self = RepairWatch()
  }

  /// Whether a term may be one in which the node has promised something that it has forgotten.
  func mayHavePromised(in term: Term) -> Bool {
    silentThrough.map { term <= $0 } ?? false
  }

  /// The node counts as whole from now on.
  ///
  /// - Returns: The highest committed entry that it held and does not hold any more.
  mutating func becomeWhole(
    holding log: [EntryMark],
    committed: [EntryMark]
  ) -> LogIndex? {
    defer { promised.removeAll() }
    for held in promised {
      let common = min(held.count, committed.count)
      // Equal entries have equal logs before them (S5).
      guard let last = (0..<common).last(where: { held[$0] == committed[$0] }) else { continue }
      guard last < log.count, log[last] == committed[last] else {
        return LogIndex(UInt64(last + 1))
      }
    }
    return nil
  }
}

extension SafetyChecker {
  /// A node starts with a part of its journal lost, and goes by the log that is left.
  ///
  /// `base` entries of it stand in a snapshot. Those behind follow one another as they were
  /// written, and not only by their indexes (S5).
  mutating func goesBy(
    _ log: [EntryMark],
    behind base: Int,
    isWhole: Bool,
    _ node: Int
  ) throws(Violation) {
    for place in log.indices.dropFirst(base) {
      let entry = log[place]
      let index = LogIndex(UInt64(place + 1))
      let lineage = Lineage(entry: entry, previous: place > 0 ? log[place - 1] : nil)
      guard let known = lineages[EntryPlace(index: index, term: entry.term)], known != lineage
      else { continue }
      throw .safety("S5", "\(members[node].id) joins entry \(index) to one that it never followed")
    }
    if !isWhole { repairs[node].promises(ledgers[node].durable.log) }
    ledgers[node].goBy(log)
  }

  /// A node starts, and may have lost the newest term and vote that it had.
  mutating func starts(_ node: Int, isTermLost: Bool) {
    ledgers[node].isTermLost = isTermLost
    let others = members.indices.filter { other in
      other != node && configuration.seat(of: members[other]) != nil
    }
    let latest = others.map { ledgers[$0].durable.term }.max()
    repairs[node].starts(among: isTermLost ? latest : nil)
  }

  /// A node whose log has all that it ever had to hold says so (W5).
  mutating func becomesWhole(_ node: Int) throws(Violation) {
    // A snapshot that took the log's place is durable before its record is.
    let log = ledgers[node].written.log
    let missing = repairs[node].becomeWhole(holding: log, committed: committedMarks)
    guard let missing else { return }
    throw .safety(
      "W5",
      "\(members[node].id) counts as whole without entry \(missing), which it held and is committed"
    )
  }

  /// Nobody who has forgotten a term says anything that others may build on in it (W5).
  func checkForgottenTerm(_ message: RaftMessage, of node: Int) throws(Violation) {
    guard message.isPromise, repairs[node].mayHavePromised(in: message.term) else { return }
    throw .safety(
      "W5",
      "\(members[node].id) says \(message.name) in term \(message.term), in which it may have "
        + "promised something that it has lost"
    )
  }

  /// What a journal forgets is in a snapshot: also what stands behind holes, where it may be the
  /// last copy (W4).
  func forgets(below position: UInt64, snapshot: LogIndex, at node: Int) throws(Violation) {
    let lost = ledgers[node].firstEntry(below: position, above: snapshot, of: committedMarks)
    guard let lost else { return }
    throw .safety(
      "W4",
      "\(members[node].id) forgets its copy of entry \(lost), and no snapshot there includes it"
    )
  }
}

extension RaftMessage {
  /// Whether it is a vote, an acknowledgement or a leader's word.
  fileprivate var isPromise: Bool {
    switch self {
    case .requestVote, .voteAnswer(_, isGranted: true), .appendEntries, .appendAccepted,
      .heartbeat, .heartbeatAnswer, .commitAdvanced, .readIndexAnswer, .installSnapshot:
      true
    default: false
    }
  }
}
