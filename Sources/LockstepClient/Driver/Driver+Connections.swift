import ClientProtocol
import Transport
import Wire

/// Handshakes, and the frames that arrive.
extension Driver: ConnectionDelegate {
  private static let membersMicroseconds: UInt64 = 1_000_000

  func connectionOpened(_ connection: Connection) {
    let link = links[connection.tag]
    link.state = .greeting(connection, since: now)
    scratch.removeAll()
    let hello = Hello(
      clusterHigh: cluster?.high ?? 0,
      clusterLow: cluster?.low ?? 0,
      speaker: .client(name: options.name)
    )
    hello.writeFrame(into: &scratch)
    transmit(over: link, connection)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    let link = links[connection.tag]
    heardFrom(link)
    if link.ready == nil, Self.isTLS(bytes, range) {
      connection.close()
      let message = "\(link.address) speaks TLS: it is of a cluster of mode bft"
      lose(link, LockstepError(.wrongMode, message))
      return range.count
    }
    var start = range.lowerBound
    do {
      while connection.isOpen {
        let isReady = link.ready != nil
        let reader = FrameReader(
          sizeMax: isReady ? Limits.frameSizeMax : Limits.handshakeFrameSizeMax
        )
        guard let frame = try reader.next(in: bytes, start..<range.upperBound) else { break }
        if isReady {
          receive(try Reply(in: bytes, frame), frame.head, from: link)
        } else {
          try receiveHandshake(bytes, frame, link, connection)
        }
        start = frame.end
      }
    } catch {
      connection.close()
      lose(link, LockstepError(.badFrame, "\(link.address) does not speak our protocol: \(error)"))
    }
    return start - range.lowerBound
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    let link = links[connection.tag]
    let code: ErrorCode =
      if case .connecting = link.state { .cannotConnect } else { .connectionLost }
    let message: String =
      switch reason {
      case .endedByPeer: "\(link.address) closed the connection"
      case .failed(let error): error.description
      }
    lose(link, LockstepError(code, message))
  }

  /// Whether a node's first bytes are a record of TLS: an alert, for it did not understand us.
  private static func isTLS(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let head = bytes[range].prefix(2)
    return head.count == 2 && (0x14...0x17).contains(head[range.lowerBound])
      && head[range.lowerBound + 1] == 3
  }

  private func receiveHandshake(
    _ bytes: [UInt8],
    _ frame: FrameView,
    _ link: NodeLink,
    _ connection: Connection
  ) throws(WireError) {
    if frame.head.kind == FrameKind.errorReply.rawValue {
      let reply = try Reply(in: bytes, frame)
      guard case .error(let refused) = reply.body else { return }
      connection.close()
      lose(link, LockstepError(refused.code, "\(link.address): \(refused.message)"))
      return
    }
    guard frame.head.kind == FrameKind.helloAck.rawValue else {
      throw .badValue("handshake", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    greet(try HelloAck(from: &reader), link, connection)
  }

  private func greet(_ ack: HelloAck, _ link: NodeLink, _ connection: Connection) {
    if let cluster, cluster != (ack.clusterHigh, ack.clusterLow) {
      connection.close()
      let other = options.cluster == nil ? "the first node reached" : "the genesis is of"
      let message = "\(link.address) belongs to another cluster than \(other)"
      lose(link, LockstepError(.wrongCluster, message))
      return
    }
    cluster = (ack.clusterHigh, ack.clusterLow)
    if let known = self.link(ofNode: ack.node.id), known !== link, known.ready != nil {
      connection.close()
      link.state = .alias
      releaseWaitingForLink()
      return
    }
    for other in links where other.nodeID == ack.node.id { other.nodeID = nil }
    link.nodeID = ack.node.id
    link.state = .ready(connection)
    link.failures = 0
    link.lastError = nil
    link.window = max(1, Int(ack.window))
    emit(.connected(node: ack.node.id, address: link.address.description))
    probe(link, connection)
    releaseWaitingForLink()
  }

  /// Asks whoever has just answered who the members are, unless somebody was asked lately.
  ///
  /// A leader that stays says nothing of newcomers; once it is gone with all whom the client knew,
  /// nobody would be left to ask.
  func askForMembers(_ link: NodeLink) {
    guard now >= membersAskedAt + Self.membersMicroseconds, let connection = link.ready else {
      return
    }
    membersAskedAt = now
    probe(link, connection)
  }

  /// Asks a node how it stands: its answer names leader and members.
  func probe(_ link: NodeLink, _ connection: Connection) {
    scratch.removeAll()
    Request.status.writeFrame(into: &scratch, requestID: 0)
    transmit(over: link, connection)
  }

  private func heardFrom(_ link: NodeLink) {
    link.waitingSince = now
    link.isPinged = false
    guard link.isSuspect else { return }
    link.isSuspect = false
    releaseWaitingForLink()
  }
}
