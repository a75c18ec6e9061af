import ClientProtocol
import Transport

// What clients make a node hold is counted here and kept within `ClientLimits`.
extension ClientPort {
  /// Whoever has more than this to take is looked after: ten thousand with less make 40 MiB.
  private static let burdenSize = 4 << 10

  /// Counts what was just sent to a client, and stops reading from one that takes too little.
  func count(_ size: Int, for client: ClientState) {
    outBytes += size
    let pending = client.connection.pendingOutBytes
    guard pending > Self.burdenSize else { return }
    if !client.isBurdened {
      client.isBurdened = true
      burdened.append(client)
    }
    // Reads are refused then; this bounds all other answers as well.
    if pending > limits.outPausedSize || outBytes > limits.outSizeMax {
      client.connection.pauseReading()
    }
  }

  /// Whether a client may be sent the answer to a read.
  func hasOutRoom(for client: ClientState) -> Bool {
    client.connection.pendingOutBytes <= limits.outPerConnectionSizeMax
      && outBytes <= limits.outSizeMax
  }

  /// Counts anew what waits to be taken; once per turn.
  func countOutBytes() {
    outBytes = 0
    burdened.removeAll { client in
      let pending = client.connection.pendingOutBytes
      outBytes += pending
      client.isBurdened = pending > Self.burdenSize
      return !client.isBurdened
    }
  }

  /// Counts what has come of a frame whose end is missing, when so many bytes of whole ones were
  /// taken before it: whoever uploads without a pause is hardly ever seen between two frames.
  ///
  /// Whole frames that wait because we do not read are ours to answer for, not the client's.
  func notePartial(_ size: Int, behind taken: Int, of client: ClientState) {
    let connection = client.connection
    guard connection.isOpen, size > 0 || client.partialBytes > 0 else { return }
    let isWaitingForUs = connection.isReadingPaused
    if client.partialBytes == 0 || taken > 0 || isWaitingForUs {
      client.partialSince = loop.turnStart
    }
    partialBytes += size - client.partialBytes
    client.partialBytes = size
    guard partialBytes > limits.partialSizeMax, !isWaitingForUs else { return }
    showOut(client, .overloaded, "too many bytes of unfinished frames wait; send them in one go")
  }

  /// Shows out who said no hello or never ends a frame.
  func sweep(at now: UInt64) {
    var late: [ClientState] = []
    var slow: [ClientState] = []
    for client in clients.values {
      // What we do not read cannot end.
      if client.connection.isReadingPaused { client.partialSince = now }
      if !client.hasSaidHello, now > client.since + limits.handshakeMicroseconds {
        late.append(client)
      } else if client.partialBytes > 0, now > client.partialSince + limits.partialMicroseconds {
        slow.append(client)
      }
    }
    for client in late { showOut(client, .deadlineExceeded, "no hello came in time") }
    for client in slow { showOut(client, .deadlineExceeded, "the end of a frame never came") }
    noteTurnedAway()
  }

  private func noteTurnedAway() {
    guard let listener, listener.turnedAwayCount > turnedAwayCount else { return }
    log.say(
      .warning,
      "client.turned.away",
      [
        ("count", "\(listener.turnedAwayCount - turnedAwayCount)"),
        ("limit", "\(listener.connectionsMax)"),
      ]
    )
    turnedAwayCount = listener.turnedAwayCount
  }
}
