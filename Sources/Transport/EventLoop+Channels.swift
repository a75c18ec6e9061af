// A connection with a secure channel: `outbox` holds plain bytes, `sealed` those of the wire.
extension EventLoop {
  /// The most that is sealed before the kernel has taken it.
  private static let sealedPieceSize = 256 * 1024
  /// What a channel is given at once: it keeps room for as much as it ever held.
  private static let sealedRecordSize = 16 * 1024
  /// After so many pieces the other connections have their turn.
  private static let piecesPerFlushMax = 4

  /// Begins the handshake; the owner hears of the connection when it has succeeded.
  func secure(_ connection: Connection, with channel: any SecureChannel) {
    connection.lastReceived = turnStart
    let progress = channel.begin()
    takeWire(of: channel, to: connection)
    if !connection.sealed.isEmpty { markDirty(connection) }
    updateInterest(of: connection)
    if case .failed(let reason) = progress { endUnsecured(connection, reason) }
  }

  /// Opens the first `size` bytes of `scratch` and gives the owner what they say.
  func deliverSealed(_ size: Int, to connection: Connection, _ channel: any SecureChannel) {
    switch connection.state {
    case .securing, .open: break
    case .connecting, .finishing, .closed: return
    }
    opened.removeAll(keepingCapacity: true)
    let progress = channel.receive(scratch, 0..<size, into: &opened)
    takeWire(of: channel, to: connection)
    if !connection.sealed.isEmpty { markDirty(connection) }
    if case .securing(let deadline, _) = connection.state, channel.isEstablished {
      timers.cancel(deadline)
      connection.state = .open
      connection.delegate?.connectionOpened(connection)
    }
    if !opened.isEmpty { deliver(opened, 0..<opened.count, to: connection) }
    switch progress {
    case .well: boundSealed(of: connection)
    case .ended: end(connection, .endedByPeer)
    case .failed(let reason): endUnsecured(connection, reason)
    }
  }

  /// Answers to what a channel is asked wait like all other bytes, and are bounded like them.
  private func boundSealed(of connection: Connection) {
    let limit = limits.pendingOutBytesMax
    // One piece may have been sealed beyond what the owner was allowed to queue.
    guard connection.sealed.count > limit + 2 * EventLoop.sealedPieceSize else { return }
    let failure = TransportError.sendBufferFull(
      address: connection.peerAddress.description,
      pendingBytes: connection.sealed.count,
      limitBytes: limit
    )
    end(connection, .failed(failure))
  }

  /// Moves queued bytes through the channel once the kernel has taken those before.
  ///
  /// - Returns: False if the connection has ended instead.
  func seal(_ connection: Connection, _ channel: any SecureChannel) -> Bool {
    guard connection.sealed.isEmpty else { return true }
    while !connection.outbox.isEmpty, connection.sealed.count < EventLoop.sealedPieceSize {
      let size = min(connection.outbox.frontCount, EventLoop.sealedRecordSize)
      let progress = connection.outbox.withFront { bytes, range in
        channel.send(bytes, range.prefix(size))
      }
      if case .failed(let reason) = progress {
        endUnsecured(connection, reason)
        return false
      }
      connection.outbox.consume(size)
      takeWire(of: channel, to: connection)
    }
    // The goodbye goes with the last piece, so that nothing left to write means: all was said.
    if case .finishing = connection.state, connection.outbox.isEmpty, !connection.hasSealedGoodbye {
      connection.hasSealedGoodbye = true
      channel.finish()
    }
    takeWire(of: channel, to: connection)
    return true
  }

  /// Seals and writes, piece by piece, while the kernel takes everything.
  ///
  /// - Returns: False if the connection has ended instead.
  func writeSealed(_ connection: Connection, _ channel: any SecureChannel) -> Bool {
    for _ in 0..<EventLoop.piecesPerFlushMax {
      guard seal(connection, channel) else { return false }
      if connection.sealed.isEmpty { return true }
      guard write(connection) else { return false }
      if !connection.sealed.isEmpty { return true }
    }
    return true
  }

  /// The socket ended beneath a channel that nobody had closed: what came last may be missing.
  func endCutOff(_ connection: Connection) {
    switch connection.state {
    case .connecting, .finishing, .closed: end(connection, .endedByPeer)
    case .securing:
      // Nobody has said that a key is wrong: it may have stopped, or have too many connections.
      end(connection, .failed(.connectionReset(address: connection.peerAddress.description)))
    case .open: endUnsecured(connection, "it ended without saying goodbye")
    }
  }

  private func takeWire(of channel: any SecureChannel, to connection: Connection) {
    wire.removeAll(keepingCapacity: true)
    channel.takeWire(into: &wire)
    guard !wire.isEmpty else { return }
    connection.sealed.append(wire, 0..<wire.count)
  }

  /// Sends what the channel still has to say, the reason in its own words, and ends.
  private func endUnsecured(_ connection: Connection, _ reason: String) {
    if case .closed = connection.state { return }
    if !connection.sealed.isEmpty, !connection.isWriteBlocked {
      // It ends in any case, whether these last words leave or not.
      _ = connection.write()
    }
    let address = connection.peerAddress.description
    end(connection, .failed(.notSecured(address: address, reason: reason)))
  }
}
