import Consensus
import PBFT

/// A core that hands out a chain that is proved to be committed, up to one root at a time: so a
/// replica that audits applies it exactly as a replica that serves has.
struct AuditCore: ConsensusCore {
  typealias Message = PBFTMessage
  typealias Record = PBFTRecord

  /// What it hands out.
  struct Options: Sendable {
    let authority: Authority
    let configuration: ClusterConfiguration
    let chain: [Block]
    /// The places behind which the state's root is wanted.
    let roots: Set<SequenceNumber>
  }

  let configuration: ClusterConfiguration
  let leaderID: NodeID? = nil
  private let authority: Authority
  private let roots: Set<SequenceNumber>
  private var rest: ArraySlice<Block>
  private var appliedIndex: LogIndex

  init(
    identity: Identity,
    options: Options,
    recovering past: Past<PBFTRecord>,
    seed: UInt64,
    now: Reading
  ) {
    configuration = options.configuration
    authority = options.authority
    roots = options.roots
    rest = options.chain[...]
    appliedIndex = past.snapshot?.index ?? .zero
  }

  /// Whether nothing is left to be applied.
  var isAtEnd: Bool { rest.isEmpty }

  mutating func takeEffects() -> Effects<PBFTMessage, PBFTRecord> {
    var effects = Effects<PBFTMessage, PBFTRecord>()
    if appliedIndex == .zero {
      effects.committed.append(BlockHeader.configurationEntry(configuration))
      appliedIndex = BlockHeader.genesis.lastIndex
    }
    while let block = rest.popFirst() {
      guard block.header.lastIndex > appliedIndex else { continue }
      for entry in block.entries(by: authority) where entry.index > appliedIndex {
        effects.committed.append(entry)
      }
      appliedIndex = block.header.lastIndex
      guard roots.contains(block.header.sequenceNumber) else { continue }
      effects.stateRootDue = appliedIndex
      return effects
    }
    return effects
  }

  static func canRecover(_ past: Past<PBFTRecord>, as member: Member) -> Bool { true }

  var status: CoreStatus {
    CoreStatus(
      role: .follower,
      term: Term(0),
      leader: nil,
      commitIndex: appliedIndex,
      lastIndex: appliedIndex,
      leaderContactMicroseconds: nil
    )
  }

  func hasQuorum(_ holds: (Member) -> Bool) -> Bool { false }
  mutating func tick(_ now: Reading) {}
  mutating func receive(_ message: PBFTMessage, from sender: Member) {}
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
