import ClientProtocol
import Transport
import Wire

/// What happens as time passes: silence is noticed, connections are renewed, leaders looked for.
extension Driver {
  /// A node that owes an answer and is silent for this long is asked for a sign of life.
  private static let silenceUntilPing: UInt64 = 75_000
  /// A node that is silent for this long is passed over: a live one answers a ping within a turn,
  /// and its followers would look for another leader by now, too.
  private static let silenceUntilSuspect: UInt64 = 250_000
  /// A silent connection is given up in the end: the node may have vanished without a word.
  private static let silenceUntilLost: UInt64 = 3_000_000
  private static let handshakeMicroseconds: UInt64 = 2_000_000
  private static let tickMicroseconds: UInt64 = 25_000
  private static let idleTickMicroseconds: UInt64 = 250_000

  /// Sets the next tick, if there is anything to watch.
  func scheduleTick() {
    let isBusy =
      !waitingForLeader.isEmpty || !waitingForLink.isEmpty
      || links.contains { !$0.inFlight.isEmpty || $0.isConnecting || $0.isSuspect }
    let isComplete = links.allSatisfy { $0.ready != nil || $0.isAlias }
    guard isBusy || !isComplete else { return }
    let dueAt = now + (isBusy ? Self.tickMicroseconds : Self.idleTickMicroseconds)
    guard tickAlarm == nil || dueAt < tickDue else { return }
    cancelAlarm(&tickAlarm)
    tickDue = dueAt
    tickAlarm = setAlarm(.tick, at: dueAt)
  }

  func tick() {
    if case .done = closing { return }
    connectWhatIsDue()
    for link in links {
      if case .greeting(let connection, let since) = link.state,
        now > since + Self.handshakeMicroseconds
      {
        connection.close()
        lose(link, LockstepError(.cannotConnect, "\(link.address) does not answer our hello"))
      }
      watch(link)
      if let connection = link.ready, !waitingForLeader.isEmpty, !link.isSuspect {
        probe(link, connection)
      }
    }
  }

  private func watch(_ link: NodeLink) {
    guard let connection = link.ready, !link.inFlight.isEmpty || link.isSuspect else { return }
    // A turn that began late says that we were away, not the node.
    if loop.turnLateness > Self.silenceUntilPing { link.waitingSince = now }
    let silence = now - min(link.waitingSince, now)
    if link.isSuspect {
      guard silence >= Self.silenceUntilLost else { return }
      connection.close()
      lose(link, silent(link, silence))
    } else if silence >= Self.silenceUntilSuspect {
      suspect(link, silent(link, silence))
    } else if silence >= Self.silenceUntilPing, !link.isPinged {
      link.isPinged = true
      scratch.removeAll()
      Request.ping.writeFrame(into: &scratch, requestID: 0)
      transmit(over: link, connection)
    }
  }

  /// Passes a silent node over; the connection stays, for it may only be paused, and with it what
  /// no other node can go on with.
  private func suspect(_ link: NodeLink, _ error: LockstepError) {
    let waiting = link.waitingCalls.filter { !$0.isBoundToItsNode }
    link.inFlight = link.inFlight.filter { $0.value.isBoundToItsNode }
    link.isSuspect = true
    if leader == link.nodeID { leader = nil }
    sendElsewhere(waiting, because: error)
    releaseWaitingForLink()
  }

  private func silent(_ link: NodeLink, _ silence: UInt64) -> LockstepError {
    LockstepError(.connectionLost, "\(link.address) has been silent for \(silence / 1_000) ms")
  }
}

extension NodeLink {
  /// Whether a connection is being made.
  var isConnecting: Bool {
    switch state {
    case .connecting, .greeting: true
    case .idle, .ready, .alias: false
    }
  }
}
