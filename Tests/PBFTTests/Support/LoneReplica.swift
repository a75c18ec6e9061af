import Consensus

@testable import PBFT

/// One replica among four, told what a test likes; the other three are a `Forge`.
struct LoneReplica {
  static let forge = Forge()

  var core: PBFTCore
  private var monotonicMicroseconds: UInt64 = 1_000_000

  /// Time passes in steps as long as `tickGapMax` allows; nil stands for what ships.
  init(_ number: Int = 1, after past: Past<PBFTRecord> = Past([]), tickGapMax: UInt64? = .max) {
    var options = Self.forge.options(of: number)
    let shipped = PBFTOptions(
      authority: options.authority,
      signer: options.signer,
      configuration: options.configuration
    )
    options.tickGapMaxMicroseconds = tickGapMax ?? shipped.tickGapMaxMicroseconds
    core = PBFTCore(
      identity: Identity(
        cluster: Self.forge.authority.cluster,
        member: options.configuration.seats[number].member,
        boot: 1
      ),
      options: options,
      recovering: past,
      seed: 1,
      now: Reading(monotonicMicroseconds: monotonicMicroseconds, wallMilliseconds: 0)
    )
  }

  var now: UInt64 { monotonicMicroseconds }

  mutating func hear(_ message: PBFTMessage, from number: Int) {
    core.receive(message, from: core.members[number])
  }

  mutating func pass(microseconds: UInt64, ticking: Bool = true) {
    monotonicMicroseconds += microseconds
    guard ticking else {
      core.now.monotonicMicroseconds = monotonicMicroseconds
      core.lastTickAt = monotonicMicroseconds
      return
    }
    core.tick(
      Reading(monotonicMicroseconds: monotonicMicroseconds, wallMilliseconds: 0)
    )
  }

  /// The disk takes all that was written.
  mutating func sync() {
    let written = core.lastPosition
    core.recordsAreDurable(through: written)
  }

  /// What was said to another replica since this was last asked.
  mutating func said(to number: Int = 3) -> [PBFTMessage] {
    let recipient = core.members[number]
    let effects = core.takeEffects()
    return (effects.messages + effects.messagesAfterSync).filter { $0.recipient == recipient }
      .map(\.message)
  }

  mutating func votes() -> [Vote] {
    said().compactMap { if case .vote(let vote) = $0 { vote } else { nil } }
  }

  mutating func proposals() -> [BlockHeader] {
    said().compactMap { if case .prePrepare(let it) = $0 { it.block.header } else { nil } }
  }

  mutating func viewChanges() -> [ViewChange] {
    said().compactMap { if case .viewChange(let change) = $0 { change } else { nil } }
  }

  /// How a replica stands that knows nothing.
  static let idle = Status(
    view: .zero,
    isActive: true,
    tip: .zero,
    prepared: .zero,
    committed: .zero,
    stable: .zero,
    isFenced: false,
    newest: nil
  )
}

extension Forge {
  /// A chain of blocks of view 0 with one request each.
  func chain(_ count: UInt64) -> [Block] {
    var blocks: [Block] = []
    for number in 1...count {
      let parent = blocks.last?.header ?? .genesis
      blocks.append(block(0, after: parent, body: [envelope(first: number)]))
    }
    return blocks
  }
}
