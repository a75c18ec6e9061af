import Consensus
import Raft

/// The shipped core, with its last effects left where the safety checker can see them.
struct ObservedCore: ConsensusCore {
  typealias Message = RaftMessage
  typealias Record = RaftRecord
  typealias Options = RaftOptions

  private(set) var core: RaftCore
  /// What the core asked for when its effects were last taken.
  private(set) var lastEffects = Effects<RaftMessage, RaftRecord>()
  /// The reads submitted before that, since the effects before.
  private(set) var lastReads: [ReadID] = []
  private var reads: [ReadID] = []

  init(
    identity: Identity,
    options: RaftOptions,
    recovering past: Past<RaftRecord>,
    seed: UInt64,
    now: Reading
  ) {
    core = RaftCore(
      identity: identity,
      options: options,
      recovering: past,
      seed: seed,
      now: now
    )
  }

  static func canRecover(_ past: Past<RaftRecord>, as member: Member) -> Bool {
    RaftCore.canRecover(past, as: member)
  }

  var leaderID: NodeID? { core.leaderID }
  var configuration: ClusterConfiguration { core.configuration }

  func hasQuorum(_ holds: (Member) -> Bool) -> Bool { core.hasQuorum(holds) }

  var status: CoreStatus { core.status }

  mutating func tick(_ now: Reading) { core.tick(now) }

  mutating func receive(_ message: RaftMessage, from sender: Member) {
    core.receive(message, from: sender)
  }

  mutating func submit(_ submission: Submission) {
    if case .read(let id) = submission { reads.append(id) }
    core.submit(submission)
  }

  mutating func recordsAreDurable(through position: UInt64) {
    core.recordsAreDurable(through: position)
  }

  mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool) {
    core.journalHasRoom(hasRoom, forRemovals: forRemovals)
  }

  var takesOnlyRemovals: Bool { core.takesOnlyRemovals }

  mutating func distrust(_ members: [NodeID]) { core.distrust(members) }

  mutating func snapshotTaken(_ mark: SnapshotMark) { core.snapshotTaken(mark) }

  var canSpareOlderSnapshot: Bool { core.canSpareOlderSnapshot }

  mutating func olderSnapshotIsGone() { core.olderSnapshotIsGone() }

  mutating func recordsAreDamaged(below position: UInt64) {
    core.recordsAreDamaged(below: position)
  }

  mutating func snapshotInstalled(_ mark: SnapshotMark) { core.snapshotInstalled(mark) }

  mutating func jobDone(_ result: SnapshotJobResult) { core.jobDone(result) }

  mutating func takeEffects() -> Effects<RaftMessage, RaftRecord> {
    lastReads = reads
    reads.removeAll(keepingCapacity: true)
    lastEffects = core.takeEffects()
    return lastEffects
  }
}
