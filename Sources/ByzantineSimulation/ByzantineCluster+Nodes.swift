import Consensus
import Documents
import PBFT
import Replication
import Simulation
import Storage
import Wire

// What a server does around a replica: turns, links, journal.
extension ByzantineCluster {
  func start(_ node: ByzantineNode) {
    do {
      let (records, index) = try node.start(at: now, plan.limits)
      trace.add(.note("r\(node.number) starts, \(records) records, state at \(index)"), at: now)
      if index > .zero { marks.reach(.startedFromSnapshot) }
      guard let life = node.life else { return }
      if life.status.isFenced {
        marks.reach(.startedFenced)
        // Who is fenced counts towards f, as the one whose disk may forget does.
        if node.number != plan.forgetful { checker.fail("D", "r\(node.number) forgot nothing") }
      }
      queue.schedule(.tick(node: node.number, boot: life.boot), at: now + 100)
    } catch {
      if node.drive.takeFailure() {
        crash(node, by: .syncError, losesPower: false)
      } else {
        checker.fail("D", "r\(node.number) does not start: \(error)")
      }
    }
  }

  /// Ends a process; it starts again a while later.
  func crash(_ node: ByzantineNode, by fault: ByzantineFault, losesPower: Bool) {
    faults.add(fault)
    checker.crashes += 1
    let hasLost = node.stop(losingPower: losesPower)
    node.frozenUntil = 0
    if hasLost { marks.reach(.writesLostWithPower) }
    trace.add(.note("r\(node.number) is down: \(fault.rawValue)"), at: now)
    let pause = isStorm ? random.number(in: 1_000..<600_000) : 1_000
    queue.schedule(.restart(node: node.number), at: now + pause)
  }

  func scheduleTurn(of node: ByzantineNode, _ life: ByzantineLife) {
    guard !life.isTurnScheduled else { return }
    life.isTurnScheduled = true
    queue.schedule(
      .turn(node: node.number, boot: life.boot),
      at: now + random.number(in: 1..<300)
    )
  }

  func turn(of node: ByzantineNode, _ life: ByzantineLife) {
    life.replica.tick(node.reading(at: now))
    while true {
      let turn = life.replica.turn()
      checker.applied(life.replica.core.committed, by: node.number)
      carryOut(turn, of: life, on: node)
      guard node.life === life else { return }
      guard turn.isUnfinished else { break }
      // What comes in meanwhile may be looked at first.
      guard random.oneIn(3) else { continue }
      scheduleTurn(of: node, life)
      break
    }
    checker.check(node, life)
    marks.observe(life.status, node: node.number)
  }

  private func carryOut(
    _ turn: Turn<PBFTMessage>,
    of life: ByzantineLife,
    on node: ByzantineNode
  ) {
    if let index = turn.unknownCommand {
      return checker.fail("I6", "r\(node.number) does not know the command at \(index)")
    }
    for envelope in turn.messages {
      guard case .consensus(let message) = envelope.message else {
        return checker.fail("N", "a replica of this mode speaks for its core alone")
      }
      post(message, from: node, to: Int(envelope.recipient.id.rawValue) - 1)
    }
    for answer in turn.orderedReplies {
      checker.answered(answer, by: node.number)
      answerClient(answer, from: node.number)
    }
    for reply in turn.replies { answerFast(reply, from: node.number) }
    if let order = life.replica.takeStateRootOrder() { digest(order, of: life, on: node) }
    for bytes in turn.evidence { marks.reach(evidence: checker.reported(bytes)) }
    if let target = turn.stateWanted {
      life.wanted = target
      marks.reach(.stateWanted)
      scheduleTransfer(of: life, on: node)
    }
    takeSnapshotOrders(of: life, on: node)
    life.forgetBelow = max(life.forgetBelow, turn.forgetRecordsBelow ?? 0)
    life.waiting += turn.records
    if !life.isJournalBusy { startBatch(of: life, on: node) }
  }

  // MARK: Links

  private func post(_ message: PBFTMessage, from node: ByzantineNode, to: Int) {
    checker.sent(message, by: node)
    adversary.overhears(message)
    send(message, from: node.number, to: to, after: 0)
  }

  func send(_ message: PBFTMessage, from: Int, to: Int, after delay: UInt64) {
    guard nodes.indices.contains(to) else { return }
    let (delays, fault) = network.arrivals(from: from, to: to)
    if let fault { faults.add(fault) }
    for each in delays {
      queue.schedule(.message(from: from, to: to, message), at: now + delay + each)
    }
  }

  func deliver(_ message: PBFTMessage, from: Int, to: Int) {
    trace.fold(now, from * 16 + to, UInt64(message.kind))
    if plan.liars.contains(to) { return adversary.receive(message, from: from, at: to) }
    let node = nodes[to]
    guard let life = node.life else { return }
    trace.add(.message(from: from, to: to, message), at: now)
    guard let arrived = overTheWire(message, from: from) else { return }
    life.replica.receive(.consensus(arrived), from: nodes[from].member)
    scheduleTurn(of: node, life)
  }

  /// What arrives has been bytes; what a liar says need not be readable.
  private func overTheWire(_ message: PBFTMessage, from: Int) -> PBFTMessage? {
    let isLie = plan.liars.contains(from)
    guard isLie || random.oneIn(32) else { return message }
    do {
      return try PBFTMessage(decoding: message.encoded())
    } catch {
      if !isLie { checker.fail("N", "a message is not read back: \(error)") }
      return nil
    }
  }

  // MARK: The journal

  private func startBatch(of life: ByzantineLife, on node: ByzantineNode) {
    guard !life.waiting.isEmpty else { return }
    life.isJournalBusy = true
    life.unsynced = life.waiting
    life.forgettableBelow = life.forgetBelow
    life.waiting = []
    do {
      try life.journal.append(life.unsynced)
    } catch {
      return diskFailed(on: node, error)
    }
    let usual = random.number(in: 60..<500) + (random.oneIn(100) ? 5_000 : 0)
    let delay = max(usual, isStorm ? node.syncMicrosecondsMin : 0)
    queue.schedule(.synced(node: node.number, boot: life.boot), at: now + delay)
  }

  func batchIsWritten(by life: ByzantineLife, on node: ByzantineNode) {
    do {
      try life.journal.sync()
      for record in life.unsynced { node.note(try PBFTRecord(decoding: record.payload)) }
      life.unsynced = []
      // One segment behind each batch, as the server's thread does.
      if life.journal.canForget(below: life.forgettableBelow) {
        try life.journal.forgetOldest(below: life.forgettableBelow)
        marks.reach(.journalTrimmed)
      }
      while try life.journal.prepareSpare() == .working {}
    } catch {
      return diskFailed(on: node, error)
    }
    life.isJournalBusy = false
    life.replica.recordsAreDurable(
      through: life.journal.durableThrough,
      roomBytes: life.journal.room.beyondSpare
    )
    scheduleTurn(of: node, life)
    startBatch(of: life, on: node)
  }

  func diskFailed(on node: ByzantineNode, _ error: any Error) {
    if node.drive.takeFailure() {
      // Nobody knows what the disk holds: the process ends at once, and the next one reads it.
      crash(node, by: .syncError, losesPower: false)
    } else {
      checker.fail("D", "the disk of r\(node.number) fails by itself: \(error)")
    }
  }
}
