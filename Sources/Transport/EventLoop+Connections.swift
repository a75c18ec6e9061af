import CSystem
import Glibc

extension EventLoop {
  /// How often memory that bursts left behind is looked for.
  private static let trimIntervalMicroseconds: UInt64 = 1_000_000
  /// Whoever sends more than this at once may do so in steps.
  private static let stepSize = 64 * 1024

  /// Starts a connection; its delegate hears `connectionOpened` or `connectionClosed`, never
  /// before this call has returned.
  ///
  /// With a channel it is open when the other side has shown who it is, within the same time.
  ///
  /// - Throws: `TransportError` if the address cannot be resolved or there is no way to it.
  package func connect(
    to address: SocketAddress,
    timeoutMicroseconds: UInt64,
    securedBy channel: (any SecureChannel)? = nil,
    delegate: any ConnectionDelegate
  ) throws(TransportError) -> Connection {
    var raw = try address.resolved()
    // `raw` outlives the call.
    let descriptor = unsafe lockstep_socket_connect(&raw)
    guard descriptor >= 0 else {
      throw TransportError("connect", on: address.description, errno: -descriptor)
    }
    let id = newID(descriptor)
    let deadline = schedule(
      at: MonotonicClock.now() + timeoutMicroseconds,
      .connectTimeout(id)
    )
    let connection = Connection(
      id: id,
      peer: address,
      state: .connecting(deadline: deadline, timeoutMicroseconds: timeoutMicroseconds),
      channel: channel,
      owners: (self, delegate)
    )
    try register(connection)
    return connection
  }

  func finishConnecting(_ connection: Connection) {
    guard case .connecting(let deadline, let timeout) = connection.state else { return }
    let result = lockstep_socket_connected(connection.id.descriptor)
    guard result == 0 else {
      end(connection, failure(of: connection, "connect", -result))
      return
    }
    if let channel = connection.channel {
      connection.state = .securing(deadline: deadline, timeoutMicroseconds: timeout)
      secure(connection, with: channel)
      return
    }
    timers.cancel(deadline)
    connection.state = .open
    connection.lastReceived = turnStart
    updateInterest(of: connection)
    connection.delegate?.connectionOpened(connection)
  }

  func connectTimedOut(_ id: ConnectionID) {
    guard let connection = connection(id) else { return }
    let timeoutMicroseconds: UInt64
    switch connection.state {
    case .connecting(_, let time), .securing(_, let time): timeoutMicroseconds = time
    case .open, .finishing, .closed: return
    }
    let address = connection.peerAddress.description
    end(
      connection,
      .failed(.connectTimedOut(address: address, afterMilliseconds: timeoutMicroseconds / 1_000))
    )
  }

  func newID(_ descriptor: Int32) -> ConnectionID {
    nextGeneration += 1
    return ConnectionID(descriptor: descriptor, generation: nextGeneration)
  }

  /// Puts a connection into the table and tells the poller.
  func register(_ connection: Connection) throws(TransportError) {
    let descriptor = connection.id.descriptor
    connection.registered = connection.interest
    do {
      try poller.add(descriptor, for: connection.interest)
    } catch {
      connection.state = .closed
      connection.loop = nil
      lockstep_close(descriptor)
      throw error
    }
    put(.connection(connection), at: descriptor)
  }

  func updateInterest(of connection: Connection) {
    let interest = connection.interest
    guard interest != connection.registered else { return }
    connection.registered = interest
    do {
      try poller.change(connection.id.descriptor, to: interest)
    } catch {
      end(connection, .failed(error))
    }
  }

  func markDirty(_ connection: Connection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  /// Writes what waits; the rest waits for the kernel to say that it takes more.
  func flush(_ connection: Connection, atMost limit: Int = Connection.writtenPerTurnMax) {
    if case .closed = connection.state { return }
    guard !connection.isWriteBlocked else { return }
    let size = connection.pendingOutBytes
    if let channel = connection.channel {
      guard writeSealed(connection, channel) else { return }
    } else if size > 0 {
      guard write(connection, atMost: limit) else { return }
    }
    connection.isWriteBlocked = connection.pendingOutBytes > 0
    updateInterest(of: connection)
    if !connection.isWriteBlocked { drained(connection, of: size) }
  }

  /// Writes from the queue that lies at the socket.
  ///
  /// - Returns: False if the connection has ended instead.
  func write(_ connection: Connection, atMost limit: Int = Connection.writtenPerTurnMax) -> Bool {
    if connection.isLarge { scheduleTrim() }
    if case .failed(let number) = connection.write(atMost: limit) {
      end(connection, failure(of: connection, "send", number))
      return false
    }
    return true
  }

  private func drained(_ connection: Connection, of size: Int) {
    switch connection.state {
    case .connecting, .securing, .closed: return
    case .open:
      guard size > 0 else { return }
      // A sender in steps may go on from here; after a small answer nobody waits.
      if size > EventLoop.stepSize { hasNews = true }
      connection.delegate?.connectionDrained(connection)
    case .finishing:
      guard !connection.hasSaidGoodbye else { return }
      // The other side's own goodbye, or the deadline, ends it: a close now could turn into a
      // reset that overtakes our last bytes.
      connection.hasSaidGoodbye = true
      let result = lockstep_socket_finish_writing(connection.id.descriptor)
      if result < 0 { end(connection, failure(of: connection, "shutdown", -result)) }
    }
  }

  func scheduleFarewell(of connection: Connection) -> TimerID {
    schedule(at: turnStart + limits.farewellMicroseconds, .farewellOver(connection.id))
  }

  /// Ends a connection that its owner did not close, and tells the owner.
  func end(_ connection: Connection, _ reason: CloseReason) {
    if case .closed = connection.state { return }
    if case .endedByPeer = reason, connection.isOpen {
      // Answers of this turn are still welcome to a side that only stopped talking.
      flush(connection, atMost: .max)
    }
    let owner = connection.delegate
    release(connection)
    hasNews = true
    owner?.connectionClosed(connection, reason: reason)
  }

  /// Takes a connection out of the loop without a word.
  func release(_ connection: Connection) {
    switch connection.state {
    case .closed: return
    case .connecting(let deadline, _), .securing(let deadline, _): timers.cancel(deadline)
    case .finishing(let deadline): timers.cancel(deadline)
    case .open: break
    }
    connection.state = .closed
    connection.delegate = nil
    connection.loop = nil
    connection.listener?.connectionsCount -= 1
    connection.listener = nil
    connection.inbox = ByteQueue()
    connection.outbox = SendQueue()
    connection.sealed = ByteQueue()
    leave(connection.id.descriptor)
  }

  func leave(_ descriptor: Int32) {
    put(nil, at: descriptor)
    leaving.append(descriptor)
  }

  func closeLeaving() {
    for descriptor in leaving { lockstep_close(descriptor) }
    leaving.removeAll(keepingCapacity: true)
  }

  func failure(of connection: Connection, _ call: String, _ number: Int32) -> CloseReason {
    .failed(TransportError(call, on: connection.peerAddress.description, errno: number))
  }

  func scheduleTrim() {
    guard !hasTrimAlarm else { return }
    hasTrimAlarm = true
    _ = schedule(at: turnStart + EventLoop.trimIntervalMicroseconds, .trim)
  }

  /// Gives back the memory of bursts that are over.
  func trim() {
    hasTrimAlarm = false
    for source in sources {
      guard case .connection(let connection) = source else { continue }
      connection.inbox.trim()
      connection.outbox.trim()
      connection.sealed.trim()
      if connection.isLarge { scheduleTrim() }
    }
  }
}
