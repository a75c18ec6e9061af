import ClientProtocol
import Consensus
import Crypto
import Transport
import Wire

extension ByzantinePeerTraffic: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    defer { connection.breakOff(afterSilenceMilliseconds: PeerTraffic.silenceMilliseconds) }
    if let link = link(of: connection) { return sayHello(on: connection, of: link) }
    let channel = connection.channel as? TLSChannel
    guard let key = channel?.peerKey, let member = member(of: key) else {
      return connection.close()
    }
    welcome(connection, member)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    let link = link(of: connection)
    let guest = link == nil ? guest(of: connection) : nil
    let isKnown = guest?.isGreeted ?? (link?.readyConnection != nil)
    do {
      return try FrameLoop.forEachFrame(
        in: bytes,
        range,
        of: connection,
        sizeMax: isKnown ? Limits.frameSizeMax : Limits.handshakeFrameSizeMax
      ) { frame throws(WireError) in
        if let link {
          try receiveAnswer(frame, in: bytes, of: link)
        } else if let guest {
          try receive(frame, in: bytes, from: guest)
        }
      }
    } catch {
      if let link {
        close(link, "\(error)")
      } else if let guest {
        dismiss(guest, error.code, "\(error)")
      }
      return range.count
    }
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    if let link = link(of: connection) {
      failed(link, "\(reason)")
    } else if let guest = guest(of: connection) {
      left(guest)
    }
  }

  private static let otherGenesis = "the two nodes were made from different genesis files"

  /// Whether a node may be of our cluster; earlier builds do not say.
  private func isOurGenesis(_ digest: [UInt8]?) -> Bool {
    digest == nil || genesisDigest == nil || digest == genesisDigest
  }

  private func sayHello(on connection: Connection, of link: PeerLink) {
    var hello = Hello(
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      speaker: .peer(owner.card())
    )
    hello.featureLevel = FeatureLevel.own.rawValue
    hello.genesisDigest = genesisDigest
    var writer = ByteWriter()
    hello.writeFrame(into: &writer)
    send(writer, on: connection, of: link)
  }

  /// What a member that we dialed says: its hello, or why it does not want us.
  private func receiveAnswer(
    _ frame: FrameView,
    in bytes: [UInt8],
    of link: PeerLink
  ) throws(WireError) {
    switch FrameKind(rawValue: frame.head.kind) {
    case .helloAck:
      var reader = ByteReader(bytes, frame.payload)
      let ack = try HelloAck(from: &reader)
      guard ack.clusterHigh == identity.cluster.high, ack.clusterLow == identity.cluster.low else {
        return close(link, "the node is of another cluster")
      }
      guard isOurGenesis(ack.genesisDigest) else { return close(link, Self.otherGenesis) }
      link.established()
      log.say(
        .info,
        "peer.connected",
        [("peer", "\(link.seat.member.id)"), ("boot", "\(ack.node.boot)")]
      )
    case .errorReply:
      let reply = try Reply(in: bytes, frame)
      guard case .error(let refused) = reply.body else { return }
      close(link, "refused with \(refused.code.rawValue): \(refused.message)")
    default:
      throw .badValue("frame kind between nodes", offset: frame.payload.lowerBound)
    }
  }

  /// What a member says that dialed us.
  private func receive(
    _ frame: FrameView,
    in bytes: [UInt8],
    from guest: ByzantineGuest
  ) throws(WireError) {
    var reader = ByteReader(bytes, frame.payload)
    switch (FrameKind(rawValue: frame.head.kind), guest.isGreeted) {
    case (.hello, false):
      greet(try Hello(from: &reader), guest)
    case (.peerMessages, true):
      // Of its own: what it says waits for its signatures, and the read buffer is used again.
      let payload = Array(bytes[frame.payload])
      owner.received(
        try ByzantineFrame(decoding: payload),
        size: payload.count,
        from: guest.member,
        over: guest.source
      )
    default:
      throw .badValue("frame kind between nodes", offset: frame.payload.lowerBound)
    }
  }

  private func greet(_ hello: Hello, _ guest: ByzantineGuest) {
    guard case .peer = hello.speaker else {
      return dismiss(guest, .badRequest, "this port is for nodes; clients use the other one")
    }
    guard hello.clusterHigh == identity.cluster.high, hello.clusterLow == identity.cluster.low
    else {
      return dismiss(guest, .wrongCluster, "this is a node of cluster \(identity.cluster)")
    }
    guard isOurGenesis(hello.genesisDigest) else {
      return dismiss(guest, .wrongCluster, Self.otherGenesis)
    }
    guard let version = hello.versions.chosen(with: .ours) else {
      return dismiss(guest, .unsupportedVersion, "no protocol version in common")
    }
    guest.isGreeted = true
    guest.source.speaks(over: guest.connection)
    var ack = HelloAck(
      version: version,
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      node: owner.card()
    )
    ack.featureLevel = FeatureLevel.own.rawValue
    ack.genesisDigest = genesisDigest
    var writer = ByteWriter()
    ack.writeFrame(into: &writer)
    do { try guest.connection.send(writer.bytes) } catch { guest.connection.close() }
    // Whoever comes back wants to hear from us soon.
    links.first { $0.seat.member == guest.member }?.hurry(at: loop.turnStart)
  }
}
