import ClientProtocol
import Consensus
import Raft
import Replication
import Storage
import Wire

// A node's loop: frames in, one turn, its effects out.
extension SimulatedCluster {
  private static let frames = FrameReader(sizeMax: Limits.frameSizeMax)

  /// A peer's frame arrives and waits for the node's next turn.
  func receiveFrame(_ frame: PeerFrame) throws(Violation) {
    let node = frame.to
    guard let process = nodes[node].process, network.isConnected(frame),
      frame.recipient == nodes[node].member
    else { return }
    guard nodes[node].deafness == nil else { return try leaveUnread(frame) }
    if frame.isOfThePast { faults.count(.replay) }
    trace.fold(now, node, UInt64(CRC32C.checksum(frame.bytes)))
    guard frame.damage == .none else { return try receiveDamaged(frame) }
    do {
      guard let message = try Self.message(in: frame.bytes) else {
        throw Violation.safety("N2", "a whole frame is taken for a part of one")
      }
      guard try reads(message, of: frame, process) else { return }
      trace.add(.received(node: node, from: frame.from, message), at: now)
      deliver(.message(message, from: frame.sender), to: process, on: node)
    } catch let error as Violation {
      throw error
    } catch {
      throw .safety("N2", "a peer's own message cannot be read: \(error)")
    }
  }

  /// What is damaged is never believed, and ends the connection (N2, N3).
  private func receiveDamaged(_ frame: PeerFrame) throws(Violation) {
    // Where the damage says that more must come, the next frames come; they help it no more.
    let follow = frame.damage == .cutOff ? [] : frame.bytes
    var isBelieved = false
    do throws(WireError) {
      isBelieved = try Self.message(in: frame.bytes + follow + follow) != nil
    } catch {
      isBelieved = false
    }
    guard !isBelieved else {
      throw .safety("N2", "a damaged frame is taken for a whole one")
    }
    faults.count(frame.damage == .cutOff ? .reset : .corruption)
    network.reset(frame.from, frame.to)
  }

  /// The message of the frame that the bytes begin with; nil if they are only a part of one.
  private static func message(
    in bytes: [UInt8]
  ) throws(WireError) -> PeerMessage<RaftMessage>? {
    guard let frame = try frames.next(in: bytes, 0..<bytes.count) else { return nil }
    var reader = ByteReader(bytes, frame.payload)
    let message = try reader.read(PeerMessage<RaftMessage>.self)
    try reader.expectEnd()
    return message
  }

  /// Puts something into a node's inbox and sees to it that it is looked at.
  func deliver(_ input: NodeProcess.Input, to process: NodeProcess, on node: Int) {
    process.inbox.append(input)
    scheduleTurn(of: process, on: node)
  }

  /// A node's timer fires.
  func tick(_ process: NodeProcess, on node: Int) {
    queue.schedule(
      .tick(node: node, boot: process.boot),
      at: now + setup.tickMicroseconds + lateness(ofTimerOn: node)
    )
    scheduleTurn(of: process, on: node)
  }

  func scheduleTurn(of process: NodeProcess, on node: Int) {
    if nodes[node].isPaused {
      missTurn(of: node)
      return
    }
    guard !process.isTurnScheduled else { return }
    process.isTurnScheduled = true
    queue.schedule(
      .turn(node: node, boot: process.boot),
      at: now + turnMicroseconds(on: node)
    )
  }

  private func missTurn(of node: Int) {
    nodes[node].isTurnMissed = true
    if let fault = nodes[node].pausedBy { faults.tookEffect(episode: fault) }
  }

  private func turnMicroseconds(on node: Int) -> UInt64 {
    let usual = random.number(in: 5..<40)
    guard let (factor, fault) = nodes[node].sluggishness else { return usual }
    faults.tookEffect(episode: fault)
    return usual * factor
  }

  private func lateness(ofTimerOn node: Int) -> UInt64 {
    guard let (latest, fault) = nodes[node].timerLateness else { return 0 }
    faults.tookEffect(episode: fault)
    return random.oneIn(2) ? 0 : random.number(in: 0..<latest)
  }

  /// The node's loop goes round once.
  func takeTurn(of process: NodeProcess, on node: Int) throws(Violation) {
    process.isTurnScheduled = false
    if nodes[node].isPaused {
      missTurn(of: node)
      return
    }
    let inputs = process.inbox
    process.inbox.removeAll(keepingCapacity: true)
    let reading = read(clockOf: node)
    let before = Coverage.Before(process)
    process.lastTurnMicroseconds = process.turnMicroseconds
    process.turnMicroseconds = reading.monotonicMicroseconds
    for input in inputs { try feed(input, to: process, on: node) }
    offerCommonLevel(to: process, on: node)
    process.replica.tick(reading)
    let turn = process.replica.turn()
    keepLevels(of: process, on: node)
    if let index = turn.unknownCommand { return try stops(node, atUnknown: index) }
    if let admission = turn.admission { coverage.learns(admission) }
    process.standing.hasChanged = turn.divergence != nil
    try judgeScans(of: process, on: node)
    try observe(process, on: node, from: before)
    if !turn.replies.isEmpty, let status = process.lastStatus {
      try judge(turn.replies, of: process, on: node, status)
    }
    try judgeStanding(of: process, on: node)
    for addressed in turn.replies {
      coverage.replies(addressed.reply, process, from: before, setup.configuration.sessionsMax)
    }
    try carryOut(turn, of: process, on: node)
    if nodes[node].process === process {
      try careForDamage(turn.forgetRecordsBelow, of: process, on: node)
    }
    if turn.isUnfinished { scheduleTurn(of: process, on: node) }
    if let successor = turn.successor { try comeBack(node, as: successor) }
  }

  private func feed(
    _ input: NodeProcess.Input,
    to process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    switch input {
    case .message(let message, let sender):
      coverage.hears(message, process, checker.ledgers[node].written)
      if case .consensus(let message) = message {
        let now = process.turnMicroseconds
        process.office.heard(message, from: sender, at: now)
        process.contacts.heard(
          message,
          from: sender,
          at: now,
          lastTurn: process.lastTurnMicroseconds
        )
      }
      process.replica.receive(message, from: sender)
    case .request(let frame): submit(frame, to: process)
    case .durable(let position, let room):
      process.replica.recordsAreDurable(
        through: position,
        roomBytes: room.beyondSpare,
        isDiskFull: room.isDiskFull
      )
    case .snapshot(let notice): try feed(notice, to: process)
    case .rotFound(let segment): feed(rotIn: segment, to: process)
    case .damageIsolated(let position): process.replica.journalIsDamaged(below: position)
    case .reconfigure(let change):
      process.replica.reconfigure(change, token: process.token(for: .change(change)))
    case .transfer(let target):
      if process.replica.core.status.role == .leader { faults.count(.transfer) }
      let token = process.token(for: .transfer(to: target))
      process.replica.transferLeadership(to: target, token: token)
    }
  }

  /// Shows the checker what the turn did.
  private func observe(
    _ process: NodeProcess,
    on node: Int,
    from start: Coverage.Before
  ) throws(Violation) {
    // Looked at once: every look copies the core.
    let core = process.replica.core
    let effects = core.lastEffects
    let status = core.status
    let before = start.status
    let isSameOffice = before?.role == .leader && before?.term == status.term
    for record in effects.records {
      coverage.wrote(record, by: node, boot: process.boot, checker)
      try checker.wrote(record, by: node, isLeader: isSameOffice && status.role == .leader)
      if case .restart = record { endAfterInstall(node) }
      if case .repaired = record, before?.repair != nil {
        coverage.reach(.logRepaired)
        coverage.reach(.logRepairedWithoutLeader, if: core.leaderID == nil)
      }
    }
    if effects.isRemoved { checker.memberWatch.toldRemoved(node) }
    let known = checker.committed.count
    process.reads.asked(core.lastReads, committedCount: known)
    if let reason = process.reads.turnEnded(effects.readable, effects.refused) {
      throw .safety("R1", "\(nodes[node].member.id) \(reason)")
    }
    try checker.commits(effects.committed, at: node, in: status.term)
    coverage.commits(checker.committed[known...], in: status.term, applied)
    try judge(checker.configurations(behind: known))
    try judgeLogTime(core, of: process, on: node, status)
    if !effects.committed.isEmpty { try observeEffects(of: process, on: node) }
    try observeResults(of: process, on: node)
    try checker.stands(status, before: before, at: node)
    try observe(status.admission, of: node)
    try checkCalm()
    coverage.turned(node, from: before, to: status, core)
    coverage.applied(effects, process, from: start)
    let member = nodes[node].member
    let time = process.turnMicroseconds
    if let reason = process.office.turnEnded(status, of: member, at: time, core.hasQuorum) {
      throw .liveness("L6", "\(member.id) \(reason)")
    }
    if status.role == .leader, !isSameOffice {
      coverage.reach(.rottenNodeLeads, if: nodes[node].mayHaveHoles)
      askElected(process, on: node)
    }
    if before?.role != status.role || before?.term != status.term {
      trace.add(.stands(node: node, status), at: now)
    }
    process.lastStatus = status
  }

  private func observeEffects(of process: NodeProcess, on node: Int) throws(Violation) {
    let applications = process.replica.machine.applications
    for application in applications[process.applied.appliedCount...] {
      let entry = checker.committed[Int(application.index.rawValue) - 1]
      try applied.applied(application, from: entry, &process.applied)
    }
    let index = process.replica.lastApplied
    try checker.holds(sessions: process.replica.sessions.count, at: index, by: node)
    if applied.wantsDigest(at: index), !process.replica.machine.hasWrongReplies {
      try applied.compare(process.replica.stateDigest(), at: index)
    }
  }

  /// Equal logs come to equal results, and nobody is fenced who is not in the wrong (W7).
  private func observeResults(of process: NodeProcess, on node: Int) throws(Violation) {
    let isFenced = process.replica.divergence.standing == .fenced
    guard process.replica.machine.lie == nil else {
      if isFenced, !process.wasFenced { faults.count(.lyingMemory) }
      process.wasFenced = isFenced
      return freezeLie(of: process, on: node)
    }
    try applied.compareResults(process.replica.resultDigest, at: process.replica.lastApplied)
    guard !isFenced else {
      throw .safety("W7", "\(nodes[node].member.id) is fenced and agrees with all others")
    }
  }

  /// A node whose results have just become wrong is told that a snapshot has rotted, and wants
  /// another one at once.
  private func freezeLie(of process: NodeProcess, on node: Int) {
    guard nodes[node].freezesLie, process.replica.machine.isLying else { return }
    nodes[node].freezesLie = false
    let rot = StorageError.snapshotDamaged(file: "snapshot", offset: 0, what: "checksum")
    deliver(.snapshot(.damaged(rot)), to: process, on: node)
  }

  /// Does what the turn asks for, in the server's order.
  private func carryOut(
    _ turn: Turn<RaftMessage>,
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    for (count, envelope) in turn.messages.enumerated() {
      if case .afterMessages(count) = nodes[node].killMoment {
        return crash(node, by: .killInTurn, losesPower: false)
      }
      try send(envelope, of: process, on: node)
      if case .afterVote = nodes[node].killMoment, envelope.message.isVote {
        return crash(node, by: .killInTurn, losesPower: false)
      }
    }
    try persist(turn.records, of: process, on: node)
    guard nodes[node].process === process else { return }
    try carryOutSnapshots(turn.forgetRecordsBelow, of: process, on: node)
    guard nodes[node].process === process else { return }
    if nodes[node].pausesAfterRead, turn.replies.contains(where: { Self.isAnswer($0.reply) }) {
      nodes[node].pausesAfterRead = false
      process.repliesHeld = turn.replies
      return stop(node, .pauseAfterRead, for: random.number(in: 300_000..<2_000_000))
    }
    try answer(turn.replies, of: process, on: node)
  }

  /// A node's answers leave it.
  func answer(
    _ replies: [AddressedReply],
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    let isUnheard = process.replica.machine.hasWrongReplies
    for addressed in replies {
      guard let waiter = process.takeWaiter(addressed.token) else { continue }
      // What a memory that lies remembers of writes gets lost on its way.
      if isUnheard, addressed.reply.isOfWrite { continue }
      try answer(waiter, addressed.reply, from: node)
    }
  }

  private static func isAnswer(_ reply: ReplicaReply) -> Bool {
    if case .answer = reply { true } else { false }
  }

  private func send(
    _ envelope: Envelope<PeerMessage<RaftMessage>>,
    of process: NodeProcess,
    on node: Int
  ) throws(Violation) {
    if case .consensus(.appendEntries(let append)) = envelope.message,
      network.drawsOddAppend(), let odd = oddAppend(insteadOf: append, of: process)
    {
      faults.count(.oddAppend)
      try transmit(Envelope(to: envelope.recipient, .consensus(odd)), from: node)
      // What follows it is late, or lost.
      if random.oneIn(2) { return }
    }
    try transmit(envelope, from: node)
  }

  private func transmit(
    _ envelope: Envelope<PeerMessage<RaftMessage>>,
    from node: Int
  ) throws(Violation) {
    // A node that has come back as another member hears nothing that was meant for the first, nor
    // one that has yet to come back what is meant for the second.
    guard let recipient = nodes.firstIndex(where: { $0.member.id == envelope.recipient.id }) else {
      throw .safety("N11", "a message goes to \(envelope.recipient), who is no member")
    }
    guard mayLeave(envelope, from: node, to: recipient) else { return }
    sentCount += 1
    var isRepeatable = false
    if case .consensus(let message) = envelope.message {
      try checkSilence(of: node, message, to: envelope.recipient)
      try checker.sends(message, from: node, to: envelope.recipient)
      isRepeatable = true
    }
    if let process = nodes[node].process {
      coverage.says(envelope.message, to: envelope.recipient, from: process, on: node, at: now)
    }
    var writer = ByteWriter()
    writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
      $0.write(envelope.message)
    }
    let frame = PeerFrame(
      from: node,
      to: recipient,
      sender: nodes[node].member,
      recipient: envelope.recipient,
      bytes: writer.bytes,
      connection: nil,
      recipientBoot: nodes[node].process?.greeted[recipient]
    )
    let deliveries = network.carry(frame, at: now, &faults)
    // A forwarded request is refused once and for all: a connection never doubles what it carries.
    for delivery in isRepeatable ? deliveries[...] : deliveries.prefix(1) {
      queue.schedule(.peerFrame(delivery.frame), at: delivery.time)
    }
    if isRepeatable, !isCalm {
      network.remember(frame, isRare: envelope.message.isRare)
      if envelope.message.answersStart { network.remember(startAnswer: frame) }
      if envelope.message.answersLoss { network.remember(lossAnswer: frame) }
      if envelope.message.confirmsReads { network.remember(readAnswer: frame) }
      if envelope.message.asksForReads, let old = network.echo(to: node) { replay(old) }
    }
  }
}

extension ReplicaReply {
  /// Whether it says what came of a write.
  fileprivate var isOfWrite: Bool {
    switch self {
    case .applied, .outcome(.committed): true
    default: false
    }
  }
}
