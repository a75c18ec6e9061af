import Consensus
import Raft

/// Watches which configurations stand in the logs, and whether whoever decides has the quorum
/// that its own newest one asks for (M1 to M4).
///
/// Quorums are counted here in the plainest way, apart from the core's own count.
struct MemberWatch {
  /// A configuration, and the entry that it is.
  private struct Known: Equatable {
    let index: LogIndex
    let mark: EntryMark
    let configuration: ClusterConfiguration
  }

  private var members: [Member]
  private var known: [Known] = []
  /// What each node has used since its last turn ended, the oldest first.
  private var inUse: [[Known]]
  /// Whether each node has found out that it was removed.
  private var areToldRemoved: [Bool]

  init(members: [Member]) {
    self.members = members
    inUse = members.map { _ in [] }
    areToldRemoved = members.map { _ in false }
  }

  /// A node has handed a record to its journal, which comes to this log.
  mutating func wrote(_ record: RaftRecord, by node: Int, _ log: LedgerState) {
    switch record {
    case .hardState, .admission, .repaired: return
    case .entry(let index, let entry):
      guard case .configuration(let configuration) = entry.payload else { return }
      let new = Known(index: index, mark: EntryMark(entry), configuration: configuration)
      if !known.contains(new) { known.append(new) }
    case .truncate, .restart, .repair: break
    }
    guard let newest = newest(in: log), newest != inUse[node].last else { return }
    inUse[node].append(newest)
    areToldRemoved[node] = false
  }

  /// A node starts with this log.
  mutating func started(_ node: Int, _ log: LedgerState) {
    inUse[node] = newest(in: log).map { [$0] } ?? []
    areToldRemoved[node] = false
  }

  /// A node has come back as another member.
  mutating func comesBack(_ node: Int, as member: Member) { members[node] = member }

  /// A node says that it has found out that it was removed.
  mutating func toldRemoved(_ node: Int) {
    if inUse[node].count == 1 { areToldRemoved[node] = true }
  }

  /// What has to hold of a leader that stands like this at the end of a turn.
  func objection(to status: CoreStatus, of node: Int, _ log: LedgerState) -> String? {
    for (before, next) in zip(inUse[node], inUse[node].dropFirst())
    where next.mark.term == status.term {
      guard log.entry(at: status.commitIndex)?.term == status.term else {
        return "M2"
      }
      guard before.index <= status.commitIndex else { return "M3" }
    }
    return nil
  }

  /// Whether something holds of a quorum, as a node may see it in its present turn.
  func hasQuorum(at node: Int, _ holds: (Member) -> Bool) -> Bool {
    inUse[node].contains { known in
      let configuration = known.configuration
      return isMajority(of: configuration.seats, holds)
        && (configuration.outgoing.isEmpty || isMajority(of: configuration.outgoing, holds))
    }
  }

  private func isMajority(
    of seats: [ClusterConfiguration.Seat],
    _ holds: (Member) -> Bool
  ) -> Bool {
    2 * seats.count { holds($0.member) } > seats.count
  }

  /// The configurations that somebody is a member in, committed or not.
  func entries(naming member: Member) -> [(index: LogIndex, mark: EntryMark)] {
    known.filter { $0.configuration.seat(of: member) != nil }.map { ($0.index, $0.mark) }
  }

  /// A node's turn is over.
  mutating func turnEnded(_ node: Int) {
    if let last = inUse[node].last { inUse[node] = [last] }
  }

  /// Whether a node may ask for votes when it knows so much to be committed (M4).
  func mayStand(_ node: Int, committed: LogIndex) -> Bool {
    guard !areToldRemoved[node] else { return false }
    guard let newest = inUse[node].last, newest.index <= committed else { return true }
    let voters = newest.configuration.seats + newest.configuration.outgoing
    return voters.contains { $0.member == members[node] }
  }

  private func newest(in log: LedgerState) -> Known? {
    var newest: Known?
    for known in known where known.index > newest?.index ?? .zero {
      if log.entry(at: known.index) == known.mark { newest = known }
    }
    return newest
  }
}
