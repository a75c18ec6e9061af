import Consensus
import PBFT
import Replication
import Simulation
import Wire

// What clients ask of nodes, and are told.
extension ByzantineCluster {
  func wake(client number: Int) {
    if number == 0, isStorm {
      respite.look(at: now, isWell: isQuorumWell, answered: history.answeredCount)
    }
    let hint = Int(clients[number].viewHint % UInt64(plan.replicas))
    let overdueCount = clients[number].fastReads.overdueCount
    let sendings = clients[number].wake(at: now, primary: hint, nodes.count, &history)
    for (to, envelope) in sendings { send(envelope, to: to) }
    ask(clients[number].fastReads.takeFresh())
    if clients[number].fastReads.overdueCount > overdueCount { marks.reach(.fastReadOrdered) }
    let pause = random.number(in: 5_000..<20_000)
    queue.schedule(.client(number), at: now + pause)
  }

  private func send(_ envelope: SignedEnvelope, to: Int) {
    checker.signed(envelope)
    adversary.sees(envelope)
    badClient?.sees(envelope)
    let bytes = envelope.encoded()
    carry(.envelope(to: to, bytes: bytes))
  }

  /// What clients and replicas send each other arrives late, more than once, or never.
  func carry(_ event: ByzantineEvent) {
    let (delays, fault) = network.arrivals()
    if let fault { faults.add(fault) }
    for delay in delays { queue.schedule(event, at: now + delay) }
  }

  func deliver(envelope bytes: [UInt8], to number: Int) {
    let envelope: SignedEnvelope
    do {
      envelope = try SignedEnvelope(decoding: bytes)
    } catch {
      return checker.fail("N", "an envelope is not read back: \(error)")
    }
    if plan.liars.contains(number) { return adversary.take(envelope, at: number) }
    let node = nodes[number]
    guard let life = node.life, forge.authority.isValid(envelope) else { return }
    if let refusal = life.replica.submit(envelope) { marks.reach(refused: refusal) }
    scheduleTurn(of: node, life)
  }

  /// An answer leaves for the client that it is for, and the liars hear of it.
  func answerClient(_ answer: OrderedAnswer, from number: Int) {
    let client = forge.place(of: answer.client)
    if client == plan.honestClients { badClient?.hear(answer) }
    guard clients.indices.contains(client) else { return }
    adversary.overhears(answer)
    post(answer, from: number, to: client)
    postLies()
  }

  func post(_ answer: OrderedAnswer, from number: Int, to client: Int) {
    carry(.answer(from: number, to: client, answer))
  }

  func deliver(_ answer: OrderedAnswer, from number: Int, to client: Int) {
    trace.fold(now, 64 + number, answer.index.rawValue)
    trace.fold(now, 64 + number, answer.reply.digest)
    let believed = clients[client].hear(answer, from: number, at: now, &history)
    guard let believed else { return }
    ask(clients[client].fastReads.takeFresh())
    checker.believed(believed)
    if believed.hadOpponent { marks.reach(.lieOutvoted) }
    marks.reach(believed.answer.reply)
  }

  func letLiarsAct() {
    for sending in adversary.turn(at: now, isStorm: isStorm) {
      send(sending.message, from: sending.from, to: sending.to, after: sending.delay)
    }
  }

  /// Liars answer at once: they have nothing to wait for.
  func postLies() {
    for (from, answer) in adversary.takeAnswers() {
      post(answer, from: from, to: forge.place(of: answer.client))
    }
    for (from, client, answer) in adversary.takeFastAnswers() {
      post(answer, from: from, to: client)
    }
  }

  func doMischief() {
    guard isStorm, var bad = badClient else { return }
    for (to, envelope) in bad.act(nodes.count) { send(envelope, to: to) }
    badClient = bad
    queue.schedule(.mischief, at: now + random.number(in: 20_000..<200_000))
  }
}
