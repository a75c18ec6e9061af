import Consensus
import PBFT

/// One liar: the copies of the honest core that it runs, and which of their words leave it.
struct Liar {
  /// One word to one replica.
  struct Sending {
    let from: Int
    let to: Int
    let message: PBFTMessage
    var delay: UInt64 = 0
  }

  let number: Int
  private let lies: [Lie]
  private let options: PBFTOptions
  private var copies: [PBFTCore] = []
  /// How many records each copy has written.
  private var written: [UInt64] = []
  /// Whom it hides things from.
  private let hidden: [Int]
  /// What it has kept from others, or said in two ways.
  private(set) var told = LieTally()

  init(number: Int, lies: [Lie], options: PBFTOptions, random: RandomSource) {
    var random = random
    self.number = number
    self.lies = lies
    self.options = options
    let count = options.authority.replicas.count
    let first = random.number(below: count)
    hidden = (0..<options.authority.faultsMax).map { (first + $0) % count }
  }

  mutating func start(at now: UInt64) {
    let count = lies.contains(.twoFaced) ? 2 : 1
    written = Array(repeating: 0, count: count)
    copies = (0..<count).map { copy in
      PBFTCore(
        identity: Identity(
          cluster: options.authority.cluster,
          member: options.configuration.seats[number].member,
          boot: UInt64(copy) + 1
        ),
        options: options,
        recovering: Past([]),
        seed: 1,
        now: Self.reading(now)
      )
    }
  }

  static func reading(_ now: UInt64) -> Reading {
    Reading(monotonicMicroseconds: now, wallMilliseconds: 1_700_000_000_000 + now / 1_000)
  }

  mutating func receive(_ message: PBFTMessage, from: Int) {
    let sender = options.configuration.seats[from].member
    if case .envelope(let envelope) = message, starves(envelope) { return }
    for copy in copies.indices { copies[copy].receive(message, from: sender) }
  }

  mutating func take(_ envelope: SignedEnvelope) {
    guard !starves(envelope) else { return }
    for copy in copies.indices { copies[copy].submit(envelope) }
  }

  private mutating func starves(_ envelope: SignedEnvelope) -> Bool {
    let clients = options.authority.clients
    return envelope.client == clients[number % clients.count] && tells(.starvesClient)
  }

  /// Whether it tells a lie that is about to take effect.
  private mutating func tells(_ lie: Lie) -> Bool {
    guard lies.contains(lie) else { return false }
    told.add(lie)
    return true
  }

  /// What its copies say now, as far as it lets them; it knows the true roots from its fellows.
  mutating func speak(
    at now: UInt64,
    to side: [Bool],
    roots: [(index: LogIndex, root: Digest)]
  ) -> [Sending] {
    var sendings: [Sending] = []
    for copy in copies.indices {
      copies[copy].tick(Self.reading(now))
      let effects = copies[copy].takeEffects()
      written[copy] += UInt64(effects.records.count)
      copies[copy].recordsAreDurable(through: written[copy])
      if let index = effects.stateRootDue {
        let root = roots.last { $0.index == index }?.root ?? .zero
        copies[copy].stateRootIsKnown(root, at: index)
      }
      if let target = effects.stateWanted { takeOver(target, copy) }
      for envelope in effects.messages + effects.messagesAfterSync {
        let to = Int(envelope.recipient.id.rawValue) - 1
        if copies.count == 2, side[to] != (copy == 1) {
          told.add(.twoFaced)
          continue
        }
        if let sending = filtered(envelope.message, to: to) { sendings.append(sending) }
      }
    }
    return sendings
  }

  /// It has every state that it wants at once.
  private mutating func takeOver(_ target: StateTarget, _ copy: Int) {
    copies[copy].snapshotInstalled(
      SnapshotMark(
        index: target.index,
        term: Term(0),
        logTimeMicroseconds: 0,
        configuration: options.configuration,
        configurationIndex: LogIndex(1)
      )
    )
  }

  private mutating func filtered(_ message: PBFTMessage, to: Int) -> Sending? {
    var sending = Sending(from: number, to: to, message: message)
    if tells(.mute) { return nil }
    switch message {
    case .prePrepare, .newView:
      if tells(.silentPrimary) { return nil }
      if hidden.contains(to), tells(.hidesFromSome) { return nil }
      if tells(.slowPrimary) {
        sending.delay = options.viewTimeoutMicroseconds * 3 / 4
      }
    case .blocks, .committed, .stable:
      if tells(.withholdsBlocks) { return nil }
    case .envelope, .vote, .checkpoint, .viewChange, .status, .fetch, .askFence, .fenceReport:
      break
    }
    return sending
  }
}
