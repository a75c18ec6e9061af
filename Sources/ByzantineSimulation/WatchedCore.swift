import Consensus
import PBFT

/// The shipped core, with what it decided left where the checker can see it.
struct WatchedCore: ByzantineCore {
  typealias Message = PBFTMessage
  typealias Record = PBFTRecord
  typealias Options = PBFTOptions

  private(set) var core: PBFTCore
  /// Entries that were handed out since the checker last looked.
  private(set) var committed: [Committed] = []

  init(
    identity: Identity,
    options: PBFTOptions,
    recovering past: Past<PBFTRecord>,
    seed: UInt64,
    now: Reading
  ) {
    core = PBFTCore(
      identity: identity,
      options: options,
      recovering: past,
      seed: seed,
      now: now
    )
  }

  static func passedOn(by message: PBFTMessage) -> SignedEnvelope? {
    PBFTCore.passedOn(by: message)
  }

  static func canRecover(_ past: Past<PBFTRecord>, as member: Member) -> Bool {
    PBFTCore.canRecover(past, as: member)
  }

  var leaderID: NodeID? { core.leaderID }
  var configuration: ClusterConfiguration { core.configuration }
  var status: CoreStatus { core.status }
  var byzantineStatus: ByzantineStatus { core.byzantineStatus }
  var agreedIndex: LogIndex? { core.agreedIndex }
  var readBarrier: LogIndex { core.readBarrier }

  func hasQuorum(_ holds: (Member) -> Bool) -> Bool { core.hasQuorum(holds) }

  func isOfUse(_ message: PBFTMessage) -> Bool { core.isOfUse(message) }

  func number(of client: PublicKey) -> ClientNumber? { core.number(of: client) }

  mutating func dropWaiting(at now: Reading, where isUseless: (SignedEnvelope) -> Bool) {
    core.dropWaiting(at: now, where: isUseless)
  }

  mutating func tick(_ now: Reading) { core.tick(now) }

  mutating func receive(_ message: PBFTMessage, from sender: Member) {
    core.receive(message, from: sender)
  }

  mutating func submit(_ submission: Submission) { core.submit(submission) }

  mutating func submit(_ envelope: SignedEnvelope) -> Refusal? { core.submit(envelope) }

  mutating func stateRootIsKnown(_ root: Digest, at index: LogIndex) {
    core.stateRootIsKnown(root, at: index)
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

  mutating func recordsAreDamaged(below position: UInt64) {
    core.recordsAreDamaged(below: position)
  }

  mutating func snapshotInstalled(_ mark: SnapshotMark) { core.snapshotInstalled(mark) }

  mutating func jobDone(_ result: SnapshotJobResult) { core.jobDone(result) }

  mutating func takeEffects() -> Effects<PBFTMessage, PBFTRecord> {
    let effects = core.takeEffects()
    committed = effects.committed
    return effects
  }
}
