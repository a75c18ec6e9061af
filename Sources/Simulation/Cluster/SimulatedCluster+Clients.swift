import ClientProtocol
import Consensus
import Replication
import Wire

// Between clients and nodes: requests and replies, some of them lost, late or twice.
extension SimulatedCluster {
  private static let clientWakeMicroseconds: UInt64 = 15_000
  private static let readDeadlineMicroseconds: UInt64 = 2_000_000
  private static let frames = FrameReader(sizeMax: Limits.frameSizeMax)

  /// A client looks at its clock and sends what is due.
  func wake(_ client: Int) {
    queue.schedule(.clientWake(client), at: now + Self.clientWakeMicroseconds)
    let stalled = clients[client].stalledCount
    for outgoing in clients[client].wake(at: now, &history) { send(outgoing) }
    if clients[client].stalledCount > stalled { faults.count(.scanStall) }
  }

  /// A request arrives and waits for the node's next turn.
  func receiveRequest(_ frame: ClientFrame) {
    guard let process = nodes[frame.node].process else { return }
    trace.fold(now, frame.node, UInt64(CRC32C.checksum(frame.bytes)))
    var frame = frame
    frame.arrivedAt = now
    deliver(.request(frame), to: process, on: frame.node)
  }

  /// A node takes up a request, as the server's client traffic does.
  func submit(_ arrived: ClientFrame, to process: NodeProcess) {
    let bytes = arrived.bytes
    do {
      guard let frame = try Self.frames.next(in: bytes, 0..<bytes.count) else { return }
      let request = try Request(in: bytes, frame)
      let token = process.token(
        for: NodeProcess.Waiter(
          client: arrived.client,
          requestID: frame.head.requestID,
          connection: arrived.connection,
          arrivedAt: arrived.arrivedAt,
          aim: RequestAim(request, committed: process.lastStatus?.commitIndex ?? .zero)
        )
      )
      let mayForward = frame.head.flags.contains(.mayForward)
      carryOut(request, mayForward, token, by: process)
    } catch {
      fatalError("a client's own request can be read: \(error)")
    }
  }

  /// A reply leaves a node (W1, R4).
  func answer(
    _ waiter: NodeProcess.Waiter,
    _ reply: ReplicaReply,
    from node: Int
  ) throws(Violation) {
    switch reply {
    case .applied(let index, _), .outcome(.committed(let index, _)):
      try checker.acknowledges(index)
    case .registered, .closed, .outcome, .answer, .objection, .transferred, .reconfigured, .refused:
      break
    }
    noteLatency(reply, of: waiter, at: node)
    if !isCalm, hits(plan.clientWeather.replyLossPermille) {
      faults.count(.replyLoss)
      return
    }
    queue.schedule(.reply(waiter, node: node, heard(reply, of: node)), at: now + clientDelay())
  }

  /// A reply reaches its client.
  func receiveReply(
    _ reply: ReplicaReply,
    to waiter: NodeProcess.Waiter,
    from node: Int
  ) throws(Violation) {
    let client = waiter.client
    guard clients[client].connection == waiter.connection else { return }
    trace.fold(now, client, waiter.requestID)
    trace.add(.answered(client: client, node: node, reply), at: now)
    try clients[client].receive(reply, to: waiter.requestID, from: node, at: now, &history)
  }

  private func send(_ outgoing: SimulatedClient.Outgoing) {
    trace.add(.asked(client: outgoing.client, node: outgoing.node, outgoing.purpose), at: now)
    guard !isCalm else { return transmit(outgoing, after: clientDelay()) }
    remember(outgoing)
    let weather = plan.clientWeather
    if hits(weather.requestLossPermille) {
      faults.count(.requestLoss)
      return
    }
    if hits(weather.requestDelayPermille) {
      faults.count(.requestDelay)
      transmit(outgoing, after: lateness())
    } else {
      transmit(outgoing, after: clientDelay())
    }
    if hits(weather.duplicationPermille) {
      faults.count(.requestDuplication)
      clients[outgoing.client].requestWasDoubled(outgoing.requestID)
      var ghost = outgoing
      if random.oneIn(2) { ghost.node = random.number(below: nodes.count) }
      transmit(ghost, after: lateness())
    }
  }

  private func lateness() -> UInt64 {
    random.number(in: 1_000..<(random.oneIn(2) ? 1_000_000 : 20_000_000))
  }

  func transmit(_ outgoing: SimulatedClient.Outgoing, after delay: UInt64) {
    let frame = ClientFrame(
      client: outgoing.client,
      node: outgoing.node,
      bytes: outgoing.frame,
      connection: clients[outgoing.client].connection
    )
    queue.schedule(.clientFrame(frame), at: now + delay)
  }

  private func carryOut(
    _ request: Request,
    _ mayForward: Bool,
    _ token: ReplyToken,
    by process: NodeProcess
  ) {
    switch request {
    case .openSession(let nonce):
      submit(ClientRequest(.register, session: nonce), mayForward, token, to: process)
    case .closeSession(let session):
      submit(ClientRequest(.close, session: session), mayForward, token, to: process)
    case .write(let write):
      let request = ClientRequest(
        .write,
        session: write.session,
        sequence: write.sequence,
        answeredThrough: write.answeredThrough,
        command: write.command
      )
      submit(request, mayForward, token, to: process)
    case .outcome(let session, let sequence):
      let request = ClientRequest(.seal, session: session, sequence: sequence)
      submit(request, mayForward, token, to: process)
    case .read(let read):
      process.replica.read(
        read.query,
        level: Self.level(of: read.consistency),
        atLeast: LogIndex(read.atLeastRevision),
        deadlineMicroseconds: process.turnMicroseconds
          + Self.readDeadlineMicroseconds,
        token: token
      )
    case .credit, .cancel, .status, .transferLeader, .changeMembers, .ping:
      fatalError("simulated clients do not ask for \(request)")
    }
  }

  private func submit(
    _ request: ClientRequest,
    _ mayForward: Bool,
    _ token: ReplyToken,
    to process: NodeProcess
  ) {
    process.replica.submit(request, mayForward: mayForward, token: token)
  }

  private static func level(
    of consistency: ReadRequest.Consistency
  ) -> NodeProcess.ReadLevel {
    switch consistency {
    case .linearizable: .linearizable
    case .stale(let milliseconds): .stale(maxLagMicroseconds: UInt64(milliseconds) * 1_000)
    }
  }

  private func clientDelay() -> UInt64 {
    random.number(in: 50..<600) + (random.oneIn(100) ? random.number(in: 0..<100_000) : 0)
  }

  /// Draws in good weather, too: what is left out must not shift what is drawn after it.
  private func hits(_ permille: Int) -> Bool {
    random.number(below: 1_000) < permille
  }
}
