import ClientProtocol
import Consensus
import Transport
import Wire

/// Connections to all members, and the frames that arrive on them.
extension ByzantineDriver: ConnectionDelegate {
  private static let handshakeMicroseconds: UInt64 = 2_000_000
  /// Nodes that do not say that they know who listens are not waited for any longer.
  private static let attachMicroseconds: UInt64 = 20_000
  private static let gatheringMicroseconds: UInt64 = 50_000

  /// Begins attempts to connect that are due.
  func connectWhatIsDue() {
    for (index, link) in links.enumerated() {
      guard case .idle(let notBefore) = link.state, notBefore <= now else { continue }
      do {
        guard let address = try resolve(link.node.address.description) else { continue }
        let connection = try loop.connect(
          to: address,
          timeoutMicroseconds: Driver.connectTimeoutMicroseconds,
          securedBy: securing(link.node.id),
          delegate: self
        )
        connection.tag = index
        link.state = .connecting(connection)
      } catch {
        lose(link, LockstepError(.cannotConnect, error.description))
      }
    }
  }

  func giveUpHandshakes() {
    for link in links {
      guard case .greeting(_, let since) = link.state, now > since + Self.handshakeMicroseconds
      else { continue }
      lose(link, LockstepError(.cannotConnect, "\(link.node.address) does not answer our hello"))
    }
  }

  func connectionOpened(_ connection: Connection) {
    let link = links[connection.tag]
    link.state = .greeting(connection, since: now)
    let hello = Hello(
      clusterHigh: credentials.cluster.high,
      clusterLow: credentials.cluster.low,
      speaker: .client(name: options.name)
    )
    transmit(over: link) { hello.writeFrame(into: &$0) }
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    let link = links[connection.tag]
    var start = range.lowerBound
    do {
      while connection.isOpen {
        let isReady = link.ready != nil
        let size = isReady ? Limits.frameSizeMax : Limits.handshakeFrameSizeMax
        let rest = start..<range.upperBound
        guard let frame = try FrameReader(sizeMax: size).next(in: bytes, rest) else { break }
        if isReady {
          try receive(frame, bytes, from: link)
        } else {
          try receiveHandshake(frame, bytes, link, connection)
        }
        start = frame.end
      }
    } catch {
      lose(
        link,
        LockstepError(.badFrame, "\(link.node.address) does not speak our protocol: \(error)")
      )
    }
    return start - range.lowerBound
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    let link = links[connection.tag]
    let code: ErrorCode =
      switch (reason, link.ready) {
      // Its key is not the one of the genesis, or ours is not one of its own.
      case (.failed(.notSecured), nil): .wrongCluster
      case (_, nil): .cannotConnect
      default: .connectionLost
      }
    let message: String =
      switch reason {
      case .endedByPeer: "\(link.node.address) closed the connection"
      case .failed(let error): error.description
      }
    lose(link, LockstepError(code, message))
  }

  private func receive(
    _ frame: FrameView,
    _ bytes: [UInt8],
    from link: ReplicaLink
  ) throws(WireError) {
    guard frame.head.kind == FrameKind.orderedReply.rawValue else {
      return receive(try Reply(in: bytes, frame), frame.head.requestID, from: link)
    }
    var reader = ByteReader(bytes, frame.payload)
    let reply = try OrderedReply(from: &reader)
    try reader.expectEnd()
    receive(reply, from: link)
  }

  private func receiveHandshake(
    _ frame: FrameView,
    _ bytes: [UInt8],
    _ link: ReplicaLink,
    _ connection: Connection
  ) throws(WireError) {
    if frame.head.kind == FrameKind.errorReply.rawValue {
      guard case .error(let refused) = try Reply(in: bytes, frame).body else { return }
      return lose(link, LockstepError(refused.code, "\(link.node.address): \(refused.message)"))
    }
    guard frame.head.kind == FrameKind.helloAck.rawValue else {
      throw .badValue("handshake", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    let ack = try HelloAck(from: &reader)
    let cluster = ClusterID(high: ack.clusterHigh, low: ack.clusterLow)
    guard cluster == credentials.cluster, ack.node.id == link.node.id else {
      let message =
        "\(link.node.address) is node \(ack.node.id) of cluster \(cluster), by the genesis it is "
        + "node \(link.node.id) of \(credentials.cluster)"
      return lose(link, LockstepError(.wrongCluster, message))
    }
    welcome(link, connection)
  }

  private func welcome(_ link: ReplicaLink, _ connection: Connection) {
    link.state = .ready(connection)
    link.failures = 0
    link.lastError = nil
    emit(.connected(node: link.node.id, address: link.node.address.description))
    for word in words { attach(link, to: word) }
    beginConnected()
  }

  /// Lets first connections go once all nodes have said yes or no, or f+1 have and the others take
  /// their time.
  ///
  /// Whoever began with the first f+1 would often ask others than the primary.
  func beginConnected() {
    guard !connecting.isEmpty else { return }
    let isComplete = links.allSatisfy { $0.ready != nil || $0.failures > 0 }
    guard isComplete || now >= startedAt + Self.gatheringMicroseconds else { return }
    let isEnough = readyLinks.count >= credentials.proofCount
    guard isEnough || isComplete else { return }
    let calls = connecting
    connecting = []
    guard !isEnough else {
      due += calls
      return
    }
    for call in calls { fail(call, unreachable()) }
  }

  /// Has every node send here what becomes of the requests of a session, or of a registration.
  func attach(to word: UInt64) {
    guard !words.contains(word) else { return }
    words.append(word)
    let asked = readyLinks
    unattached.ids = asked.map { attach($0, to: word) }
    unattached.spared = max(0, asked.count - credentials.quorum)
    unattached.until = now + Self.attachMicroseconds
  }

  /// Whether it is too early for envelopes: a node that executes a request before it knows who
  /// listens tells nobody.
  var isAttaching: Bool { unattached.ids.count > unattached.spared && now < unattached.until }

  @discardableResult
  func attach(_ link: ReplicaLink, to word: UInt64) -> UInt64 {
    nextRequestID += 1
    let head = FrameHead(kind: FrameKind.attach.rawValue, requestID: nextRequestID)
    transmit(over: link) { $0.writeFrame(head) { $0.write(word) } }
    return head.requestID
  }

  /// Sends a frame, if there is a connection.
  func transmit(over link: ReplicaLink, _ write: (inout ByteWriter) -> Void) {
    guard let connection = link.connection else { return }
    scratch.removeAll()
    write(&scratch)
    do {
      try connection.send(scratch.storage, in: 0..<scratch.count)
    } catch {
      lose(link, LockstepError(.connectionLost, error.description))
    }
  }

  /// The connection of a link is gone, or none came about.
  func lose(_ link: ReplicaLink, _ error: LockstepError) {
    let wasReady = link.ready != nil
    link.connection?.close()
    let delay = Backoff.unreachable.delay(retry: link.failures, using: &random)
    link.state = .idle(notBefore: now + delay)
    link.failures = wasReady ? 0 : link.failures + 1
    link.lastError = error
    if wasReady {
      emit(.disconnected(address: link.node.address.description, reason: error.message))
    }
    let waiting = link.inFlight.values.sorted { $0.id < $1.id }
    link.inFlight = [:]
    for call in waiting {
      if call.work.changesState { call.isUncertain = true }
      fail(call, error)
    }
    beginConnected()
  }

  /// Why fewer than f+1 nodes can be reached: a handshake's own word, or the words of all.
  func unreachable() -> LockstepError {
    let errors = links.compactMap(\.lastError)
    let plain: [LockstepError.Code] = [.cannotConnect, .connectionLost]
    if let refusal = errors.first(where: { !plain.contains($0.code) }) { return refusal }
    let reached = readyLinks.count
    let reasons = errors.map(\.message).joined(separator: "; ")
    guard reached > 0 else {
      return LockstepError(.cannotConnect, reasons.isEmpty ? "no node was reached" : reasons)
    }
    let message =
      "\(reached) of \(links.count) nodes can be reached, and equal answers of "
      + "\(credentials.proofCount) are needed: \(reasons)"
    return LockstepError(.tooFewAnswers, message, outcome: .notApplied)
  }
}
