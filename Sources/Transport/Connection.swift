import CSystem

/// A TCP connection on an event loop.
///
/// Lives on the loop's thread.
package final class Connection {
  enum State {
    case connecting(deadline: TimerID, timeoutMicroseconds: UInt64)
    /// The socket is there; the two sides show each other who they are.
    case securing(deadline: TimerID, timeoutMicroseconds: UInt64)
    case open
    /// The owner has left; what it sent still goes out.
    case finishing(deadline: TimerID)
    case closed
  }

  /// Then the other connections have their turn, in bytes.
  static let writtenPerTurnMax = 4 * 1024 * 1024

  /// The name of this connection in its loop.
  package let id: ConnectionID

  /// The other side.
  package let peerAddress: SocketAddress

  /// A number for the owner's use: an index, a node.
  package var tag = 0

  /// Read before all others in a turn, so that a crowd of clients never delays a peer.
  package var isUrgent = false

  /// When bytes last arrived, in microseconds of the monotonic clock.
  package internal(set) var lastReceived: UInt64

  /// What secures its bytes and knows who is on the other side; nil if they go as they are.
  package let channel: (any SecureChannel)?

  let stream: SocketStream
  var state: State
  var inbox = ByteQueue()
  var outbox = SendQueue()
  /// What the channel has made of bytes to send.
  var sealed = ByteQueue()
  var delegate: (any ConnectionDelegate)?
  var loop: EventLoop?
  var listener: Listener?

  /// What the poller has been told to wait for.
  var registered: Poller.Readiness
  /// Why the owner takes no further bytes for now.
  private var pauses: PauseReasons = []
  var isWriteBlocked = false
  var isDirty = false
  var hasSaidGoodbye = false
  var hasSealedGoodbye = false
  var readThisTurn = 0

  init(
    id: ConnectionID,
    peer: SocketAddress,
    state: State,
    channel: (any SecureChannel)?,
    owners: (loop: EventLoop, delegate: any ConnectionDelegate)
  ) {
    self.id = id
    self.peerAddress = peer
    self.state = state
    self.channel = channel
    loop = owners.loop
    delegate = owners.delegate
    stream = SocketStream(descriptor: id.descriptor)
    registered = []
    lastReceived = owners.loop.turnStart
  }

  /// Whether bytes can be sent and received.
  package var isOpen: Bool {
    if case .open = state { true } else { false }
  }

  /// How many bytes wait for the other side to take them.
  package var pendingOutBytes: Int { outbox.count + sealed.count }

  /// Queues bytes to be written at the end of this turn.
  ///
  /// On a connection that is not open they are dropped: its end has been, or will be, reported.
  ///
  /// - Throws: `TransportError.sendBufferFull` if too many bytes would wait; none of these is
  ///   queued then. Most owners close the connection.
  package func send(_ bytes: [UInt8]) throws(TransportError) {
    try send(bytes, in: 0..<bytes.count)
  }

  /// Queues a part of an array, as `send(_:)` does.
  package func send(_ bytes: [UInt8], in range: Range<Int>) throws(TransportError) {
    guard isOpen, let loop else { return }
    guard pendingOutBytes + range.count <= loop.limits.pendingOutBytesMax else {
      throw .sendBufferFull(
        address: peerAddress.description,
        pendingBytes: pendingOutBytes + range.count,
        limitBytes: loop.limits.pendingOutBytesMax
      )
    }
    outbox.append(bytes, range)
    loop.markDirty(self)
  }

  /// Writes what is queued now rather than at the end of this turn.
  package func flush() {
    guard isDirty, isOpen else { return }
    loop?.flush(self)
  }

  /// Whether the owner takes no further bytes for now.
  package var isReadingPaused: Bool { !pauses.isEmpty }

  /// Stops reading, so that TCP holds the other side back, until none of the reasons is left.
  package func pauseReading(_ reason: PauseReasons = .unsent) {
    pauses.insert(reason)
    loop?.updateInterest(of: self)
  }

  /// Reads again, unless there is another reason not to.
  ///
  /// Bytes that were left unconsumed are offered again in the next turn.
  package func resumeReading(_ reason: PauseReasons = .unsent) {
    guard isReadingPaused else { return }
    pauses.remove(reason)
    guard !isReadingPaused, let loop, isOpen else { return }
    loop.updateInterest(of: self)
    if !inbox.isEmpty { loop.offerAgain(self) }
  }

  /// Breaks the connection off when the other side acknowledges nothing for that long.
  ///
  /// After a partition TCP waits about as long as the partition lasted before it tries again; a
  /// fresh connection does not. A side that stops reading is broken off as well.
  package func breakOff(afterSilenceMilliseconds milliseconds: UInt32) {
    guard let loop else { return }
    let result = lockstep_socket_silence(id.descriptor, milliseconds)
    if result < 0 { loop.end(self, loop.failure(of: self, "setsockopt", -result)) }
  }

  /// Ends the connection at once; bytes not yet written are dropped.
  ///
  /// The delegate hears no more.
  package func close() {
    loop?.release(self)
  }

  /// Sends what is queued, says goodbye and ends.
  ///
  /// The delegate hears no more.
  package func finish() {
    guard isOpen, let loop else {
      close()
      return
    }
    delegate = nil
    state = .finishing(deadline: loop.scheduleFarewell(of: self))
    inbox = ByteQueue()
    pauses = []
    loop.updateInterest(of: self)
    loop.markDirty(self)
  }

  /// Writes from the queue that lies at the socket, until the kernel takes no more or so many bytes
  /// have left.
  func write(atMost limit: Int = Connection.writtenPerTurnMax) -> SocketStream.Progress {
    guard channel == nil else {
      let progress = stream.send(sealed.storage, sealed.readable)
      if case .moved(let size) = progress { sealed.consume(size) }
      return progress
    }
    var written = 0
    repeat {
      let offered = outbox.frontCount
      let progress = outbox.withFront { stream.send($0, $1) }
      guard case .moved(let size) = progress else {
        if case .blocked = progress, written > 0 { break }
        return progress
      }
      outbox.consume(size)
      written += size
      if size < offered { break }
    } while !outbox.isEmpty && written < limit
    return .moved(written)
  }

  /// Whether a burst has left much memory behind.
  var isLarge: Bool { inbox.isLarge || outbox.isLarge || sealed.isLarge }

  /// What the poller should wait for.
  var interest: Poller.Readiness {
    switch state {
    case .connecting: return .writable
    case .closed: return []
    case .securing, .open, .finishing:
      var readiness: Poller.Readiness = isReadingPaused ? [] : .readable
      if isWriteBlocked { readiness.insert(.writable) }
      return readiness
    }
  }
}
