import CSystem

extension EventLoop {
  /// The least that a ready connection may read in a turn, however many there are.
  private static let readShareMin = 4 * 1024

  /// Takes one turn.
  func turn(_ delegate: any EventLoopDelegate) throws(TransportError) {
    closeLeaving()
    let earliest = timers.earliest
    let count = try wait(until: earliest)
    turnStart = MonotonicClock.now()
    turnLateness = earliest.map { turnStart > $0 ? turnStart - $0 : 0 } ?? 0
    turnsCount += 1

    offerLeftovers()
    sort(count, delegate)
    receiveAll()
    if waker.takeNotice() { delegate.mailArrived() }
    fireTimers(delegate)
    hasNews = false
    delegate.turnEnded()
    flushAll()
  }

  private func wait(until deadline: UInt64?) throws(TransportError) -> Int {
    guard !hasNews, dirty.isEmpty, offeredAgain.isEmpty, waker.mayFallAsleep() else {
      return try poller.wait(milliseconds: 0)
    }
    defer { waker.wokeUp() }
    guard let deadline else { return try poller.wait(milliseconds: nil) }
    let now = MonotonicClock.now()
    // Rounded up: a timer never fires early.
    let milliseconds = deadline > now ? (deadline - now + 999) / 1_000 : 0
    return try poller.wait(milliseconds: Int32(min(milliseconds, 3_600_000)))
  }

  /// Deals with every event but bytes to read, and notes who has those.
  private func sort(_ count: Int, _ delegate: any EventLoopDelegate) {
    for index in 0..<count {
      let event = poller.event(at: index)
      switch sources[Int(event.descriptor)] {
      case .waker: waker.drain()
      case .listener(let listener): accept(from: listener, delegate)
      case .connection(let connection):
        guard hasBytes(connection, event.readiness) else { break }
        connection.readThisTurn = 0
        if connection.isUrgent {
          urgentReady.append(connection)
        } else {
          othersReady.append(connection)
        }
      case nil: break
      }
    }
  }

  /// Deals with the other news of a connection; returns whether it is to be read.
  private func hasBytes(_ connection: Connection, _ readiness: Poller.Readiness) -> Bool {
    if case .connecting = connection.state {
      finishConnecting(connection)
      return false
    }
    if readiness.contains(.writable) {
      connection.isWriteBlocked = false
      markDirty(connection)
    }
    if !readiness.isDisjoint(with: .broken), connection.isReadingPaused {
      // The kernel repeats this until the socket is closed, read or not.
      let number = -lockstep_socket_error(connection.id.descriptor)
      end(connection, number == 0 ? .endedByPeer : failure(of: connection, "recv", number))
      return false
    }
    return !readiness.isDisjoint(with: [.readable, .broken])
  }

  /// Reads the urgent ones first; a quarter of the bytes is always left for the others.
  private func receiveAll() {
    hasDelivered = false
    let reserved = limits.readBytesPerTurnMax / 4
    var budget = limits.readBytesPerTurnMax - reserved
    receive(&urgentReady, &budget)
    budget += reserved
    receive(&othersReady, &budget)
  }

  /// Reads in rounds, a share for each, so that a flood on one connection delays no other.
  private func receive(_ connections: inout [Connection], _ budget: inout Int) {
    guard !connections.isEmpty else { return }
    rotate(&connections)
    let share = min(max(budget / connections.count, EventLoop.readShareMin), scratch.count)
    while !connections.isEmpty, budget > 0 {
      var stillReady = 0
      for index in connections.indices {
        let connection = connections[index]
        let limit = min(share, limits.readBytesPerConnectionMax - connection.readThisTurn, budget)
        guard limit > 0, !isReadingTimeOver else { continue }
        guard receive(from: connection, limit: limit, &budget) else { continue }
        connections[stillReady] = connection
        stillReady += 1
      }
      connections.removeLast(connections.count - stillReady)
    }
    connections.removeAll(keepingCapacity: true)
  }

  /// Begins with another connection each turn, because a turn may end before the last is read.
  private func rotate(_ connections: inout [Connection]) {
    let first = Int(turnsCount % UInt64(connections.count))
    guard first > 0 else { return }
    connections.append(contentsOf: connections[..<first])
    connections.removeFirst(first)
  }

  /// Whether reading and delivering has used up this turn.
  ///
  /// One delivery is always made.
  private var isReadingTimeOver: Bool {
    hasDelivered && MonotonicClock.now() - turnStart > limits.readMicrosecondsPerTurnMax
  }

  /// Reads once; returns whether there may be more.
  private func receive(
    from connection: Connection,
    limit: Int,
    _ budget: inout Int
  ) -> Bool {
    if case .closed = connection.state { return false }
    guard !connection.isReadingPaused else { return false }
    switch connection.stream.receive(into: &scratch, limit: limit) {
    case .moved(let size):
      budget -= size
      hasDelivered = true
      connection.readThisTurn += size
      connection.lastReceived = turnStart
      if let channel = connection.channel {
        deliverSealed(size, to: connection, channel)
      } else {
        deliver(scratch, 0..<size, to: connection)
      }
      return size == limit
    case .blocked:
      return false
    case .ended:
      if connection.channel == nil {
        end(connection, .endedByPeer)
      } else {
        endCutOff(connection)
      }
      return false
    case .failed(let number):
      end(connection, failure(of: connection, "recv", number))
      return false
    }
  }

  /// Gives bytes to the owner, behind what it left before.
  func deliver(_ bytes: [UInt8], _ range: Range<Int>, to connection: Connection) {
    guard connection.isOpen, let owner = connection.delegate else { return }
    guard connection.inbox.isEmpty else {
      connection.inbox.append(bytes, range)
      offerInbox(of: connection)
      return
    }
    let consumed = owner.connection(connection, received: bytes, in: range)
    guard connection.isOpen, consumed < range.count else { return }
    connection.inbox.append(bytes, range.lowerBound + consumed..<range.upperBound)
    checkInbox(of: connection)
  }

  private func offerInbox(of connection: Connection) {
    guard connection.isOpen, !connection.inbox.isEmpty, let owner = connection.delegate else {
      return
    }
    let consumed = owner.connection(
      connection,
      received: connection.inbox.storage,
      in: connection.inbox.readable
    )
    guard connection.isOpen else { return }
    connection.inbox.consume(consumed)
    checkInbox(of: connection)
  }

  private func checkInbox(of connection: Connection) {
    if connection.inbox.isLarge { scheduleTrim() }
    guard connection.inbox.count > limits.unconsumedBytesMax else { return }
    let address = connection.peerAddress.description
    let limit = limits.unconsumedBytesMax
    end(connection, .failed(.receiveBufferFull(address: address, limitBytes: limit)))
  }

  private func offerLeftovers() {
    let connections = offeredAgain
    offeredAgain = []
    for connection in connections where !connection.isReadingPaused {
      offerInbox(of: connection)
    }
  }

  func offerAgain(_ connection: Connection) {
    offeredAgain.append(connection)
  }

  /// Fires what was due when the turn began.
  private func fireTimers(_ delegate: any EventLoopDelegate) {
    while let alarm = timers.popDue(at: turnStart) {
      switch alarm {
      case .owner(let token): delegate.timerFired(token)
      case .connectTimeout(let id): connectTimedOut(id)
      case .farewellOver(let id): connection(id).map(release)
      case .acceptAgain(let descriptor): acceptAgain(descriptor)
      case .trim: trim()
      }
    }
  }

  private func flushAll() {
    let connections = dirty
    dirty = []
    for connection in connections {
      connection.isDirty = false
      flush(connection)
    }
  }
}
