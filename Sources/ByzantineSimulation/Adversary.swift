import Consensus
import PBFT
import Replication
import Wire

/// Has the keys of f replicas, sees all traffic, and plays their parts.
struct Adversary {
  let forge: Forge
  let plan: ByzantinePlan
  var random: RandomSource
  private var liars: [Liar] = []
  private var made = LieTally()
  /// Whom a liar's second copy speaks to.
  private var side: [Bool]
  /// Everything that was ever overheard, the newest last.
  var loot = Loot()
  /// The true roots of states.
  var roots: [(index: LogIndex, root: Digest)] = []
  private var answers: [(from: Int, OrderedAnswer)] = []
  private var fastAnswers: [(from: Int, client: Int, FastAnswer)] = []
  var counter: UInt64 = 1 << 20

  /// What liars make their lies of.
  struct Loot {
    var headers: [BlockHeader] = []
    var blocks: [Block] = []
    var envelopes: [SignedEnvelope] = []
    var changes: [ViewChange] = []
    var highs: [PreparedCertificate] = []
    var stables: [StableCertificate] = []
    var past: [PBFTMessage] = []
    /// What replicas said for themselves, and to what question.
    var words: [(question: FastQuestion, bytes: [UInt8])] = []
    var topView: UInt64 = 0
  }

  init(forge: Forge, _ plan: ByzantinePlan, random: RandomSource) {
    var random = random
    self.forge = forge
    self.plan = plan
    side = Array(repeating: false, count: plan.replicas)
    liars = plan.liars.map {
      Liar(number: $0, lies: plan.lies, options: forge.options(of: $0), random: random.fork())
    }
    self.random = random
  }

  /// How often each lie was told to somebody.
  var told: LieTally {
    var told = made
    for liar in liars { told.add(liar.told) }
    return told
  }

  mutating func start(at now: UInt64) {
    for place in liars.indices { liars[place].start(at: now) }
  }

  mutating func take(_ envelope: SignedEnvelope, at number: Int) {
    guard let place = liars.firstIndex(where: { $0.number == number }),
      forge.authority.isValid(envelope)
    else { return }
    liars[place].take(envelope)
  }

  mutating func receive(_ message: PBFTMessage, from: Int, at number: Int) {
    guard let place = liars.firstIndex(where: { $0.number == number }) else { return }
    liars[place].receive(message, from: from)
  }

  // MARK: Eavesdropping

  mutating func sees(_ envelope: SignedEnvelope) {
    guard !liars.isEmpty else { return }
    loot.envelopes.append(envelope)
    if loot.envelopes.count > 40 { loot.envelopes.removeFirst(20) }
  }

  /// Learns from what honest replicas say, wherever it goes.
  mutating func overhears(_ message: PBFTMessage) {
    guard !liars.isEmpty else { return }
    switch message {
    case .prePrepare(let proposal): sees(proposal.block)
    case .viewChange(let change):
      if loot.changes.last != change { loot.changes.append(change) }
      if let high = change.high { loot.highs.append(high) }
      if let stable = change.stable { loot.stables.append(stable) }
      loot.topView = max(loot.topView, change.newView.rawValue)
    case .newView(let newView): loot.changes += newView.viewChanges
    case .stable(let stable): loot.stables.append(stable)
    case .envelope, .vote, .checkpoint, .status, .committed, .fetch, .blocks, .askFence,
      .fenceReport:
      break
    }
    remember(message)
  }

  private mutating func remember(_ message: PBFTMessage) {
    if loot.past.count < 400 {
      loot.past.append(message)
    } else if random.oneIn(4) {
      loot.past[random.number(below: 400)] = message
    }
    if loot.changes.count > 60 { loot.changes.removeFirst(20) }
    if loot.highs.count > 20 { loot.highs.removeFirst(10) }
    if loot.stables.count > 10 { loot.stables.removeFirst(5) }
    if roots.count > 64 { roots.removeFirst(32) }
  }

  mutating func sees(_ block: Block) {
    loot.topView = max(loot.topView, block.header.view.rawValue)
    if loot.headers.contains(block.header) { return }
    loot.headers.append(block.header)
    loot.blocks.append(block)
    if loot.blocks.count > 30 {
      loot.headers.removeFirst()
      loot.blocks.removeFirst()
    }
  }

  /// A client is told something: all liars tell it something else, or the same, so that it
  /// believes it before others have come so far.
  mutating func overhears(_ answer: OrderedAnswer) {
    guard plan.lies.contains(.lyingAnswers) else { return }
    guard random.oneIn(3) else {
      for liar in plan.liars { answers.append((liar, answer)) }
      return
    }
    var lie = answer
    lie.reply = Self.opposite(of: answer.reply)
    made.add(.lyingAnswers)
    for liar in plan.liars { answers.append((liar, lie)) }
  }

  private static func opposite(of reply: ReplicaReply) -> ReplicaReply {
    switch reply {
    case .registered(let session): .registered(session: session + (1 << 16))
    case .applied(let index, _): .applied(index: index, bytes: [])
    case .answer(let index, _): .answer(index: index, bytes: [])
    case .outcome(.neverCommitted): .outcome(.answeredBefore)
    case .outcome, .closed, .objection, .transferred, .reconfigured, .refused:
      .outcome(.neverCommitted)
    }
  }

  mutating func takeAnswers() -> [(from: Int, OrderedAnswer)] {
    defer { answers.removeAll() }
    return answers
  }

  /// The first replica that answers for itself is heard: all liars say so, too, or something else.
  ///
  /// The most that they can do is to make up 2f+1 with replicas that are behind.
  mutating func overhears(_ answer: FastAnswer, to question: FastQuestion) {
    guard plan.lies.contains(.lyingAnswers), let bytes = answer.bytes,
      !loot.words.contains(where: { $0.question == question })
    else { return }
    let earlier = loot.words.first { $0.question.query == question.query && $0.bytes != bytes }
    loot.words.append((question, bytes))
    if loot.words.count > 60 { loot.words.removeFirst(20) }
    var lie = answer
    switch random.number(below: 4) {
    case 0, 1: break
    case 2: lie = FastAnswer(number: answer.number, bytes: earlier?.bytes ?? bytes)
    default: lie = FastAnswer(number: answer.number, bytes: [])
    }
    if lie != answer { made.add(.lyingAnswers) }
    for liar in plan.liars { fastAnswers.append((liar, question.client, lie)) }
  }

  mutating func takeFastAnswers() -> [(from: Int, client: Int, FastAnswer)] {
    defer { fastAnswers.removeAll() }
    return fastAnswers
  }

  // MARK: Speaking

  mutating func turn(at now: UInt64, isStorm: Bool) -> [Liar.Sending] {
    if random.oneIn(40) {
      for place in side.indices { side[place] = random.chance(percent: 50) }
    }
    var sendings: [Liar.Sending] = []
    for place in liars.indices {
      let words = liars[place].speak(at: now, to: side, roots: roots)
      for word in words {
        if case .prePrepare(let proposal) = word.message { sees(proposal.block) }
      }
      sendings += words
      // Where all is well but the liars, they may still lie, as long as time is left for the rest.
      guard random.chance(percent: isStorm ? 40 : 10) else { continue }
      sendings += fabricate(as: liars[place].number)
    }
    return sendings
  }

  private mutating func fabricate(as liar: Int) -> [Liar.Sending] {
    let lie = plan.lies[random.number(below: plan.lies.count)]
    guard let message = word(of: lie, by: liar) else { return [] }
    let share = [30, 50, 100][random.number(below: 3)]
    let sendings = (0..<plan.replicas).filter { $0 != liar && random.chance(percent: share) }
      .map { Liar.Sending(from: liar, to: $0, message: message) }
    if !sendings.isEmpty { made.add(lie) }
    return sendings
  }
}
