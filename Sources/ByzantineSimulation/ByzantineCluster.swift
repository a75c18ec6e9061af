import Consensus
import PBFT
import Replication
import Simulation
import Wire

/// Replicas with disks, clocks, links and clients, all simulated and driven by a seed; liars have
/// the keys of at most f of them.
final class ByzantineCluster {
  static let tickMicroseconds: UInt64 = 10_000
  /// The clients' keys: the honest ones' first, then that of one that is not.
  static let clientKeys = 5

  let plan: ByzantinePlan
  let forge: Forge
  var random: RandomSource
  private(set) var now: UInt64 = 1_000_000
  var queue = EventQueue<ByzantineEvent>()
  var nodes: [ByzantineNode] = []
  var clients: [ByzantineClient] = []
  var badClient: BadClient?
  var adversary: Adversary
  var checker: ByzantineChecker
  var history = ByzantineHistory()
  var marks = ByzantineMarks()
  var faults = FaultTally()
  var trace: Trace<ByzantineTraceEvent>
  var network: ByzantineNetwork
  /// The newest states whose roots were due, as the first honest replica had them.
  var states: [StateEntry] = []
  /// The copy of a disk that may be put back.
  var diskCopy: [(name: String, bytes: [UInt8])]?
  /// Whether faults still strike.
  private(set) var isStorm = true
  private(set) var healedMicroseconds: UInt64 = 0
  var respite = ByzantineRespite()

  /// A state that others can be given.
  struct StateEntry {
    let order: StateRootOrder<ByzantineStore>
    let root: Digest
  }

  init(_ plan: ByzantinePlan, watcher: ((String) -> Void)? = nil) {
    self.plan = plan
    let forge = Forge(plan, clients: Self.clientKeys)
    self.forge = forge
    var random = RandomSource(seed: plan.seed)
    checker = ByzantineChecker(forge, plan)
    adversary = Adversary(forge: forge, plan, random: random.fork())
    network = ByzantineNetwork(plan, random: random.fork())
    trace = Trace(watcher: watcher)
    nodes = (0..<plan.replicas).map {
      ByzantineNode(number: $0, options: forge.options(of: $0), random: random.fork())
    }
    clients = (0..<plan.honestClients).map { number in
      ByzantineClient(
        number: number,
        signer: forge.clientSigner(number),
        authority: forge.authority,
        random: random.fork()
      )
    }
    if plan.hasBadClient {
      badClient = BadClient(forge: forge, number: plan.honestClients, random: random.fork())
    }
    self.random = random
  }

  /// The replicas that do not lie.
  var honest: [ByzantineNode] { nodes.filter { !plan.liars.contains($0.number) } }

  /// Runs trouble, then healing, and checks everything; says what is wrong, or nil.
  func run() -> String? {
    begin()
    go(until: now + plan.stormMicroseconds) { false }
    if checker.problem == nil { heal() }
    if checker.problem == nil { checkEnd() }
    return checker.problem
  }

  private func begin() {
    for node in honest {
      do {
        try node.makeDirectory(plan.limits)
      } catch {
        return checker.fail("D", "no directory can be made: \(error)")
      }
      start(node)
    }
    adversary.start(at: now)
    if !plan.liars.isEmpty { queue.schedule(.liars, at: now) }
    for client in clients.indices { queue.schedule(.client(client), at: now + 5_000) }
    if badClient != nil { queue.schedule(.mischief, at: now + 50_000) }
    if !plan.faults.isEmpty { queue.schedule(.strike, at: now + plan.strikeMicroseconds) }
  }

  /// Everything is well from now on, but for the liars: all that is asked must be answered.
  private func heal() {
    isStorm = false
    let began = now
    calmEverything()
    for index in clients.indices { clients[index].isEnding = true }
    go(until: now + plan.healingMicroseconds) { self.isDone }
    healedMicroseconds = now - began
    if checker.problem == nil, !isDone {
      checker.fail("I15", "no end of healing: \(standing)")
    }
  }

  private func go(until end: UInt64, unless isDone: () -> Bool) {
    var steps = 0
    while checker.problem == nil, let next = queue.next() {
      now = next.time
      handle(next.event)
      steps += 1
      if now >= end || steps % 64 == 0 && isDone() { return }
    }
  }

  /// Whether every client has all its answers, and every sound replica all that was ordered.
  private var isDone: Bool {
    guard clients.allSatisfy(\.isIdle) else { return false }
    let applied = honest.map { $0.life?.replica.lastApplied ?? .zero }
    let wanted = checker.highestAnswered
    return applied.allSatisfy { $0 >= wanted }
  }

  private func handle(_ event: ByzantineEvent) {
    if let thaw = thaw(of: event) { return queue.schedule(event, at: thaw) }
    switch event {
    case .message(let from, let to, let message): deliver(message, from: from, to: to)
    case .turn(let number, let boot):
      guard let (node, life) = running(number, boot) else { return }
      life.isTurnScheduled = false
      turn(of: node, life)
    case .tick(let number, let boot):
      guard let (node, life) = running(number, boot) else { return }
      queue.schedule(event, at: now + Self.tickMicroseconds)
      turn(of: node, life)
    case .synced(let number, let boot):
      if let (node, life) = running(number, boot) { batchIsWritten(by: life, on: node) }
    case .snapshotStep(let number, let boot):
      if let (node, life) = running(number, boot) { stepSnapshots(of: life, on: node) }
    case .root(let number, let boot, let index, let root):
      guard let (node, life) = running(number, boot) else { return }
      life.replica.stateRootIsKnown(root, at: index)
      scheduleTurn(of: node, life)
    case .state(let number, let boot):
      if let (node, life) = running(number, boot) { takeState(for: life, on: node) }
    case .restart(let number):
      if nodes[number].life == nil { start(nodes[number]) }
    case .envelope(let to, let bytes): deliver(envelope: bytes, to: to)
    case .answer(let from, let to, let answer): deliver(answer, from: from, to: to)
    case .fastRead(let to, let question): deliver(question, to: to)
    case .fastAnswer(let from, let to, let answer): deliver(answer, from: from, to: to)
    case .liars, .client, .mischief, .strike, .calm: act(event)
    }
  }

  private func act(_ event: ByzantineEvent) {
    switch event {
    case .liars:
      queue.schedule(.liars, at: now + Self.tickMicroseconds)
      letLiarsAct()
    case .client(let number): wake(client: number)
    case .mischief: doMischief()
    case .strike:
      guard isStorm else { return }
      let pause = random.number(in: plan.strikeMicroseconds / 2..<plan.strikeMicroseconds * 2)
      queue.schedule(.strike, at: now + pause)
      strike()
    case .calm(let fault, let number): calm(fault, number)
    case .message, .turn, .tick, .synced, .snapshotStep, .root, .state, .restart, .envelope,
      .answer, .fastRead, .fastAnswer:
      break
    }
  }

  private func running(_ number: Int, _ boot: UInt64) -> (ByzantineNode, ByzantineLife)? {
    guard let life = nodes[number].life, life.boot == boot else { return nil }
    return (nodes[number], life)
  }

  /// The highest view that an honest replica is in.
  var highestView: UInt64 {
    honest.compactMap { $0.life?.status.view }.max() ?? 0
  }

  /// How every honest replica stands, for people.
  var standing: String {
    let replicas = honest.map { node -> String in
      guard let life = node.life else { return "\(node.number) down" }
      let status = life.status
      return "\(node.number): view \(status.view)\(status.isActive ? "" : "?") tip "
        + "\(status.tipBlock) committed \(status.committedBlock) window \(status.lowWatermark)-"
        + "\(status.highWatermark) executed \(life.replica.core.core.executed.rawValue) applied "
        + "\(life.replica.lastApplied) halt \(status.haltReason ?? "no") awaits "
        + "\(status.awaitsState) fenced \(status.isFenced)"
    }
    let waiting = clients.filter { !$0.isIdle }.map { "client \($0.number): \($0.standing)" }
    return (replicas + waiting).joined(separator: "; ")
  }
}
