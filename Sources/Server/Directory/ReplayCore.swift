import Consensus
import Raft

/// A core that hands out a log as if all of it were committed: where nobody else is left who could
/// tell which entries were.
struct ReplayCore: ConsensusCore {
  typealias Message = RaftMessage
  typealias Record = RaftRecord

  /// What it hands out.
  struct Options: Sendable {
    let entries: [Committed]
  }

  let configuration = ClusterConfiguration(seats: [])
  let leaderID: NodeID? = nil
  let status: CoreStatus
  private var effects = Effects<RaftMessage, RaftRecord>()

  init(
    identity: Identity,
    options: Options,
    recovering past: Past<RaftRecord>,
    seed: UInt64,
    now: Reading
  ) {
    let last = options.entries.last
    status = CoreStatus(
      role: .follower,
      term: last?.term ?? Term(0),
      leader: nil,
      commitIndex: last?.index ?? .zero,
      lastIndex: last?.index ?? .zero,
      leaderContactMicroseconds: nil
    )
    effects.committed = options.entries
  }

  static func canRecover(_ past: Past<RaftRecord>, as member: Member) -> Bool { true }

  func hasQuorum(_ holds: (Member) -> Bool) -> Bool { false }

  mutating func takeEffects() -> Effects<RaftMessage, RaftRecord> {
    defer { effects = Effects() }
    return effects
  }

  mutating func tick(_ now: Reading) {}
  mutating func receive(_ message: RaftMessage, from sender: Member) {}
  mutating func submit(_ submission: Submission) {}
  mutating func recordsAreDurable(through position: UInt64) {}
  mutating func recordsAreDamaged(below position: UInt64) {}
  mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool) {}
  var takesOnlyRemovals: Bool { false }
  mutating func distrust(_ members: [NodeID]) {}
  mutating func snapshotTaken(_ mark: SnapshotMark) {}
  mutating func snapshotInstalled(_ mark: SnapshotMark) {}
  mutating func jobDone(_ result: SnapshotJobResult) {}
}
