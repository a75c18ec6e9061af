import Consensus
import PBFT
import Wire

/// Replicas on a simulated network and disk, driven by a seed; liars have the keys of at most f.
final class ByzantineCluster {
  struct Packet {
    let deliverAt: UInt64
    let from: Int
    let to: Int
    let message: PBFTMessage
  }

  static let quantum: UInt64 = 10_000

  let plan: ByzantinePlan
  let forge: Forge
  var random: RandomSource
  var now: UInt64 = 1_000_000
  var replicas: [SimulatedReplica] = []
  var packets: [Packet] = []
  var adversary: Adversary
  var checker: ByzantineChecker
  var envelopes: [SignedEnvelope] = []
  /// States by index, as honest replicas had them: what a transfer hands over.
  var states: [LogIndex: SimulatedState] = [:]
  var isTroubled = true
  private(set) var crashes = 0
  /// Over every message that arrived, in order.
  private(set) var trace = StateDigest()
  /// Who cannot be heard by whom, while troubled.
  var cut: Set<Int> = []

  init(_ plan: ByzantinePlan) {
    self.plan = plan
    let forge = Forge(replicas: plan.replicas, clients: 3, seed: plan.seed)
    self.forge = forge
    random = RandomSource(seed: plan.seed)
    let liars = Set((0..<plan.liars).map { (Int(plan.seed) + $0 * 2) % plan.replicas })
    checker = ByzantineChecker(authority: forge.authority, liars: liars)
    adversary = Adversary(forge: forge, liars: liars.sorted(), random: random.fork())
    for number in 0..<plan.replicas {
      var replica = SimulatedReplica(number: number, options: forge.options(of: number))
      if !liars.contains(number) { replica.start(at: now) }
      replicas.append(replica)
    }
    adversary.start(options: liars.sorted().map { forge.options(of: $0) }, at: now)
  }

  var honest: [Int] { replicas.indices.filter { !checker.liars.contains($0) } }

  /// Runs trouble, then healing; says what is wrong, or nil.
  func run() -> String? {
    for quantum in 0..<plan.troubledQuanta {
      if quantum % max(1, plan.troubledQuanta / plan.requests) == 0 { submitNew() }
      trouble()
      turn()
      if let problem = checker.problem { return "after \(quantum) quanta: \(problem)" }
    }
    isTroubled = false
    cut = []
    for number in honest where replicas[number].core == nil { restart(number) }
    for quantum in 0..<plan.healingQuanta {
      if quantum % 100 == 0 { submitAgain() }
      turn()
      if let problem = checker.problem { return "healing, \(quantum) quanta: \(problem)" }
      if quantum % 20 == 0, isDone { return nil }
    }
    return "no progress after healing: " + standing
  }

  /// Whether every envelope is applied at every honest replica.
  var isDone: Bool {
    honest.allSatisfy { number in
      envelopes.allSatisfy { envelope in
        envelope.requests.allSatisfy {
          replicas[number].state.applied.contains(SignedKeyText($0))
        }
      }
    }
  }

  /// The highest view that an honest replica is in.
  var views: UInt64 {
    honest.compactMap { replicas[$0].core?.status.term.rawValue }.max() ?? 0
  }

  var standing: String {
    honest.map { number in
      guard let core = replicas[number].core else { return "\(number) down" }
      let status = core.status
      return "\(number): view \(status.term)\(status.leader == nil ? "?" : "") last "
        + "\(status.lastIndex) committed \(core.committed.sequenceNumber.rawValue) executed "
        + "\(core.executed.rawValue) halt \(String(describing: core.halt)) transfer "
        + "\(core.transfer != nil)"
    }.joined(separator: "; ")
  }

  // MARK: Clients

  private func submitNew() {
    guard envelopes.count < plan.requests else { return }
    let client = random.number(below: 3)
    let first = UInt64(envelopes.count * 8 + 1)
    let envelope = forge.envelope(
      client: client,
      first: first,
      count: random.number(below: 3) + 1,
      text: "e\(envelopes.count)-"
    )
    envelopes.append(envelope)
    adversary.sees(envelope)
    for number in honest where random.chance(percent: 60) {
      replicas[number].core?.submit(envelope)
    }
  }

  private func submitAgain() {
    for number in honest {
      for envelope in envelopes
      where !envelope.requests.allSatisfy({
        replicas[number].state.applied.contains(SignedKeyText($0))
      }) {
        for other in honest { replicas[other].core?.submit(envelope) }
      }
    }
  }

  // MARK: Faults

  private func trouble() {
    if random.oneIn(60) {
      cut = []
      if random.chance(percent: 60) {
        for number in replicas.indices where random.chance(percent: 35) { cut.insert(number) }
      }
    }
    guard plan.crashes else { return }
    for number in honest {
      if replicas[number].core == nil {
        if random.oneIn(15) { restart(number) }
      } else if random.oneIn(80) {
        crashes += 1
        replicas[number].crash(keeping: random.number(in: 0..<4))
      }
    }
  }

  func restart(_ number: Int) {
    replicas[number].start(at: now)
    carryOut(number)
  }

  // MARK: Time

  func turn() {
    now += Self.quantum
    let due = packets.filter { $0.deliverAt <= now }
    packets.removeAll { $0.deliverAt <= now }
    for packet in due { deliver(packet) }
    for number in honest where replicas[number].core != nil {
      finishWork(number)
      replicas[number].core?.tick(SimulatedReplica.reading(now))
      carryOut(number)
      if !isTroubled || random.chance(percent: 60) {
        replicas[number].sync()
        carryOut(number)
        release(number)
      }
    }
    for (from, to, message) in adversary.turn(at: now, replicas: replicas.count) {
      send(message, from: from, to: to)
    }
  }

  private func deliver(_ packet: Packet) {
    if checker.liars.contains(packet.to) {
      return adversary.receive(packet.message, from: packet.from, at: packet.to)
    }
    let sender = replicas[packet.from].options.configuration.seats[packet.from].member
    // What arrives has been bytes.
    let bytes = packet.message.encoded()
    trace.fold(now)
    trace.fold(UInt64(packet.from * 16 + packet.to))
    trace.fold(bytes)
    guard let message = try? PBFTMessage(decoding: bytes) else {
      return checker.fail("a message is not read back")
    }
    replicas[packet.to].core?.receive(message, from: sender)
    if random.oneIn(3) { carryOut(packet.to) }
    checker.check(replicas[packet.to])
  }

  private func finishWork(_ number: Int) {
    for root in replicas[number].roots where root.at <= now {
      replicas[number].core?.stateRootIsKnown(root.root, at: root.index)
    }
    replicas[number].roots.removeAll { $0.at <= now }
    if let wanted = replicas[number].wanted, wanted.at <= now,
      let state = states[wanted.target.index]
    {
      if state.root != wanted.target.root { checker.fail("a stable root is nobody's") }
      replicas[number].wanted = nil
      replicas[number].state = state
      replicas[number].snapshot = state
      let mark = replicas[number].mark(of: state)
      replicas[number].core?.snapshotInstalled(mark)
    }
  }

  /// Takes a replica's effects and does what they say, in order.
  private func carryOut(_ number: Int) {
    guard let effects = replicas[number].core?.takeEffects() else { return }
    for envelope in effects.messages { post(envelope, from: number) }
    for record in effects.records {
      replicas[number].lastPosition += 1
      replicas[number].records.append((replicas[number].lastPosition, record.payload))
    }
    for envelope in effects.messagesAfterSync {
      replicas[number].held.append((replicas[number].lastPosition, envelope))
    }
    for entry in effects.committed {
      replicas[number].state.apply(entry)
      checker.applied(entry, by: number, root: replicas[number].state.root)
    }
    if let index = effects.stateRootDue {
      let state = replicas[number].state
      if state.index != index { checker.fail("a root is due at \(index), not \(state.index)") }
      states[index] = state
      let at = now + random.number(in: 0..<3) * Self.quantum
      replicas[number].roots.append((at, index, state.root))
      if random.chance(percent: 70) {
        replicas[number].snapshot = state
        let mark = replicas[number].mark(of: state)
        replicas[number].core?.snapshotTaken(mark)
      }
    }
    if let target = effects.stateWanted {
      replicas[number].wanted = (now + Self.quantum, target)
    }
    if let below = effects.forgetRecordsBelow {
      replicas[number].forgetting = (below, replicas[number].lastPosition)
    }
    for bytes in effects.evidence { checker.reported(bytes) }
    checker.check(replicas[number])
  }

  private func release(_ number: Int) {
    let durable = replicas[number].durablePosition
    let kept = replicas[number].held.filter { $0.position <= durable }
    replicas[number].held.removeAll { $0.position <= durable }
    for promise in kept { post(promise.envelope, from: number) }
  }

  private func post(_ envelope: Envelope<PBFTMessage>, from number: Int) {
    checker.sent(envelope.message, by: replicas[number])
    adversary.overhears(envelope.message)
    send(envelope.message, from: number, to: Int(envelope.recipient.id.rawValue) - 1)
  }

  private func send(_ message: PBFTMessage, from: Int, to: Int) {
    guard replicas.indices.contains(to) else { return }
    let isCut = cut.contains(from) != cut.contains(to)
    if isTroubled, isCut || random.chance(percent: plan.lossPercent) { return }
    let delay = isTroubled && random.oneIn(6) ? random.number(in: 1..<40) : random.number(in: 0..<3)
    packets.append(
      Packet(deliverAt: now + delay * Self.quantum, from: from, to: to, message: message)
    )
    if isTroubled, random.oneIn(30) {
      let later = now + random.number(in: 1..<60) * Self.quantum
      packets.append(Packet(deliverAt: later, from: from, to: to, message: message))
    }
  }
}
