import Consensus
import PBFT
import Wire

/// Has the keys of f replicas, sees all traffic, and plays their parts: each liar runs two honest
/// copies that speak to different replicas (twins), and signs whatever else may do harm.
struct Adversary {
  let forge: Forge
  let liars: [Int]
  private var random: RandomSource
  /// Two copies of each liar.
  private var twins: [[PBFTCore]] = []
  /// How many records each copy has written.
  private var written: [[UInt64]] = []
  private var members: [Member] = []
  /// Whom the second copy speaks to.
  private var side: Set<Int> = []
  private var headers: [BlockHeader] = []
  private var blocks: [Block] = []
  private var envelopes: [SignedEnvelope] = []
  private var changes: [ViewChange] = []
  private var highs: [PreparedCertificate] = []
  private var stables: [StableCertificate] = []
  private var past: [PBFTMessage] = []
  private var topView: UInt64 = 0
  private var counter: UInt64 = 1 << 20

  init(forge: Forge, liars: [Int], random: RandomSource) {
    self.forge = forge
    self.liars = liars
    self.random = random
  }

  mutating func start(options: [PBFTOptions], at now: UInt64) {
    members = options.first?.configuration.seats.map(\.member) ?? []
    written = liars.map { _ in [0, 0] }
    twins = zip(liars, options).map { number, options in
      (0..<2).map { copy in
        PBFTCore(
          identity: Identity(
            cluster: forge.authority.cluster,
            member: options.configuration.seats[number].member,
            boot: UInt64(copy) + 1
          ),
          options: options,
          recovering: Past([]),
          seed: 1,
          now: SimulatedReplica.reading(now)
        )
      }
    }
  }

  mutating func sees(_ envelope: SignedEnvelope) { envelopes.append(envelope) }

  /// Learns from what honest replicas say, wherever it goes.
  mutating func overhears(_ message: PBFTMessage) {
    guard !liars.isEmpty else { return }
    switch message {
    case .prePrepare(let proposal): sees(proposal.block)
    case .viewChange(let change):
      changes.append(change)
      if let high = change.high { highs.append(high) }
      if let stable = change.stable { stables.append(stable) }
      topView = max(topView, change.newView.rawValue)
    case .newView(let newView): changes += newView.viewChanges
    case .stable(let stable): stables.append(stable)
    case .envelope, .vote, .checkpoint, .status, .committed, .fetch, .blocks, .askFence,
      .fenceReport:
      break
    }
    if past.count < 400 { past.append(message) } else { past[random.number(below: 400)] = message }
    changes = changes.suffix(60)
    highs = highs.suffix(20)
    stables = stables.suffix(10)
  }

  private mutating func sees(_ block: Block) {
    topView = max(topView, block.header.view.rawValue)
    if blocks.contains(block) { return }
    headers = (headers + [block.header]).suffix(30)
    blocks = (blocks + [block]).suffix(30)
  }

  mutating func receive(_ message: PBFTMessage, from: Int, at liar: Int) {
    guard let place = liars.firstIndex(of: liar) else { return }
    for copy in 0..<2 {
      twins[place][copy].receive(message, from: members[from])
    }
  }

  typealias Sending = (from: Int, to: Int, message: PBFTMessage)

  mutating func turn(at now: UInt64, replicas: Int) -> [Sending] {
    var sendings: [Sending] = []
    if random.oneIn(40) { side = Set((0..<replicas).filter { _ in random.chance(percent: 50) }) }
    for place in liars.indices {
      for copy in 0..<2 {
        for envelope in envelopes.suffix(4) where random.chance(percent: 20) {
          twins[place][copy].submit(envelope)
        }
        twins[place][copy].tick(SimulatedReplica.reading(now))
        sendings += speak(place, copy)
      }
      if random.chance(percent: 30) { sendings += lie(as: liars[place], to: replicas) }
    }
    return sendings
  }

  private mutating func speak(_ place: Int, _ copy: Int) -> [Sending] {
    let effects = twins[place][copy].takeEffects()
    written[place][copy] += UInt64(effects.records.count)
    twins[place][copy].recordsAreDurable(through: written[place][copy])
    if let index = effects.stateRootDue, let root = effects.committed.last.map({ _ in Digest.zero })
    {
      twins[place][copy].stateRootIsKnown(root, at: index)
    }
    var sendings: [Sending] = []
    for envelope in effects.messages + effects.messagesAfterSync {
      let to = Int(envelope.recipient.id.rawValue) - 1
      if case .prePrepare(let proposal) = envelope.message { sees(proposal.block) }
      guard side.contains(to) == (copy == 1) else { continue }
      sendings.append((liars[place], to, envelope.message))
    }
    return sendings
  }

  // MARK: Lies

  private mutating func lie(as liar: Int, to replicas: Int) -> [Sending] {
    let message: PBFTMessage?
    switch random.number(below: 7) {
    case 0: message = anyVote(.prepare, liar)
    case 1: message = anyVote(.commit, liar)
    case 2: message = anyViewChange(liar)
    case 3: message = anyNewView()
    case 4: message = anyProposal()
    case 5: message = anyCheckpoint(liar)
    default: message = past.isEmpty ? nil : past[random.number(below: past.count)]
    }
    guard let message else { return [] }
    return (0..<replicas).filter { _ in random.chance(percent: 50) }.map { (liar, $0, message) }
  }

  private mutating func next() -> UInt64 {
    counter += 1
    return counter
  }

  private mutating func anyVote(_ kind: Vote.Kind, _ liar: Int) -> PBFTMessage? {
    guard !headers.isEmpty else { return nil }
    let header = headers[random.number(below: headers.count)]
    return .vote(forge.vote(kind, header, by: liar, counter: next()))
  }

  /// Shows any certificate, or none: hides locks, shows old ones.
  private mutating func change(to view: View, by liar: Int) -> ViewChange {
    let high = highs.isEmpty || random.oneIn(2) ? nil : highs[random.number(below: highs.count)]
    let isEarlier = high.map { $0.header.view < view } ?? true
    return forge.viewChange(
      to: view,
      by: liar,
      stable: stables.isEmpty || random.oneIn(2)
        ? nil : stables[random.number(below: stables.count)],
      high: isEarlier ? high : nil,
      counter: next()
    )
  }

  private mutating func anyViewChange(_ liar: Int) -> PBFTMessage? {
    .viewChange(change(to: View(max(1, topView + random.number(in: 0..<2))), by: liar))
  }

  /// A new view of any valid view changes that a lying primary can lay hands on.
  private mutating func anyNewView() -> PBFTMessage? {
    let views = (0...1).map { topView + UInt64($0) }.filter { view in
      view > 0 && liars.contains(forge.authority.primary(of: View(view)).place)
    }
    guard let view = views.first.map({ View($0) }) else { return nil }
    var chosen: [Int: ViewChange] = [:]
    for liar in liars { chosen[liar] = change(to: view, by: liar) }
    for change in changes where change.newView == view {
      if liars.contains(change.replica.place) { continue }
      if chosen.count < forge.authority.quorum { chosen[change.replica.place] = change }
    }
    let sorted = chosen.keys.sorted().compactMap { chosen[$0] }
    return .newView(forge.newView(view, of: sorted, counter: next()))
  }

  /// A child of any block, in the newest view that a liar leads.
  private mutating func anyProposal() -> PBFTMessage? {
    guard !envelopes.isEmpty, !headers.isEmpty,
      liars.contains(forge.authority.primary(of: View(topView)).place)
    else { return nil }
    let parent = random.oneIn(4) ? .genesis : headers[random.number(below: headers.count)]
    guard parent.view.rawValue <= topView else { return nil }
    let body = [envelopes[random.number(below: envelopes.count)]]
    var block = forge.block(View(topView), after: parent, body: body)
    block.header.timeMicroseconds = max(
      parent.timeMicroseconds + 1,
      1_700_000_000_000_000 + random.number(in: 0..<1_000)
    )
    sees(block)
    return .prePrepare(forge.proposal(block, counter: next()))
  }

  private mutating func anyCheckpoint(_ liar: Int) -> PBFTMessage? {
    guard let header = headers.last(where: { $0.sequenceNumber.rawValue % 4 == 0 }) else {
      return nil
    }
    return .checkpoint(
      forge.checkpoint(header, root: random.next(), by: liar, counter: next())
    )
  }
}
