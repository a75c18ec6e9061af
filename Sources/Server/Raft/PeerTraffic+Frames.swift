import ClientProtocol
import Consensus
import Raft
import Replication
import Transport
import Wire

extension PeerTraffic: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    defer { connection.breakOff(afterSilenceMilliseconds: Self.silenceMilliseconds) }
    guard let link = link(of: connection) else {
      connection.isUrgent = true
      guests.append(PeerGuest(connection: connection, since: loop.turnStart))
      makeWay(beyond: unknownShare) { $0.member == nil }
      return
    }
    var hello = Hello(
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      speaker: .peer(owner.card())
    )
    hello.featureLevel = FeatureLevel.own.rawValue
    var writer = ByteWriter()
    hello.writeFrame(into: &writer)
    send(writer, on: connection, of: link)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    let link = link(of: connection)
    let guest = link == nil ? guests.first { $0.connection === connection } : nil
    let isKnown = guest?.member != nil || link?.readyConnection != nil
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
        let farewell = guest.member == nil ? HTTPFarewell(to: bytes[range], at: "members") : nil
        showOut(guest, error.code, "\(error)", farewell: farewell?.bytes)
      }
      return range.count
    }
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    if let link = link(of: connection) {
      failed(link, "\(reason)")
    } else {
      guests.removeAll { $0.connection === connection }
    }
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
      acknowledged(try HelloAck(from: &reader), by: link)
    case .peerMessages where link.readyConnection != nil:
      var reader = ByteReader(bytes, frame.payload)
      let message = try PeerMessage<RaftMessage>(from: &reader)
      try reader.expectEnd()
      owner.received(message, from: link.seat.member)
    case .errorReply:
      let reply = try Reply(in: bytes, frame)
      if case .error(let refused) = reply.body { self.refused(refused, by: link) }
    default:
      throw .badValue("frame kind between members", offset: frame.payload.lowerBound)
    }
  }

  private func refused(_ refused: Reply.Refused, by link: PeerLink) {
    if refused.code == .unauthorized, refused.currentRevision > 0 {
      let index = LogIndex(refused.currentRevision)
      let told = RaftMessage.removed(term: Term(0), configurationIndex: index)
      owner.received(.consensus(told), from: link.seat.member)
    }
    close(link, "refused with \(refused.code.rawValue): \(refused.message)")
    // Nor is it another soon that was found to be this node itself, in an older one's place.
    if refused.code == .unauthorized { link.waitLong(from: loop.turnStart) }
  }

  private func acknowledged(_ ack: HelloAck, by link: PeerLink) {
    let shown = Member(id: NodeID(ack.node.id), incarnation: Incarnation(ack.node.incarnation))
    guard
      shown == link.seat.member, ack.clusterHigh == identity.cluster.high,
      ack.clusterLow == identity.cluster.low
    else {
      close(link, "another node answers at \(link.address)")
      return
    }
    link.established()
    let level = ack.featureLevel.map(FeatureLevel.init) ?? .base
    levels.note(level, of: shown)
    log.say(
      .info,
      "peer.connected",
      [("peer", "\(shown.id)"), ("boot", "\(ack.node.boot)"), ("level", "\(level)")]
    )
  }

  /// What somebody says who dialed us.
  private func receive(
    _ frame: FrameView,
    in bytes: [UInt8],
    from guest: PeerGuest
  ) throws(WireError) {
    var reader = ByteReader(bytes, frame.payload)
    switch (FrameKind(rawValue: frame.head.kind), guest.member) {
    case (.hello, nil):
      greet(try Hello(from: &reader), guest)
    case (.peerMessages, .some(let sender)):
      let message = try PeerMessage<RaftMessage>(from: &reader)
      try reader.expectEnd()
      owner.received(message, from: sender)
    case (.peerMessages, nil):
      throw .badValue("message before the handshake", offset: frame.payload.lowerBound)
    default:
      throw .badValue("frame kind between members", offset: frame.payload.lowerBound)
    }
  }

  /// Somebody dialed us: let in only a member of our cluster with the incarnation we know (N11),
  /// unless our configuration may be out of date.
  private func greet(_ hello: Hello, _ guest: PeerGuest) {
    guard case .peer(let card) = hello.speaker else {
      showOut(guest, .badRequest, "this port is for members; clients use the other one")
      return
    }
    guard hello.clusterHigh == identity.cluster.high, hello.clusterLow == identity.cluster.low
    else {
      showOut(guest, .wrongCluster, "this is a node of cluster \(identity.cluster)")
      return
    }
    guard let version = hello.versions.chosen(with: .ours) else {
      showOut(guest, .unsupportedVersion, "no protocol version in common")
      return
    }
    let member = Member(id: NodeID(card.id), incarnation: Incarnation(card.incarnation))
    let admission = owner.admission(of: member)
    if case .refused(let index) = admission {
      let reason = "node \(card.id) with that incarnation is no member"
      return showOut(guest, .unauthorized, reason, configurationIndex: index)
    }
    guest.isStranger = admission == .stranger
    // It has dialed anew, so its older connection is dead, whether we have heard so or not (N3).
    for older in guests where older.member == member { dismiss(older) }
    guest.member = member
    makeWay(beyond: Self.strangersMax, where: \.isStranger)
    levels.note(FeatureLevel(hello.featureLevel), of: member)
    var ack = HelloAck(
      version: version,
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      node: owner.card()
    )
    ack.featureLevel = FeatureLevel.own.rawValue
    var writer = ByteWriter()
    ack.writeFrame(into: &writer)
    do { try guest.connection.send(writer.bytes) } catch { dismiss(guest) }
    // Whoever comes back wants to hear from us soon.
    links.first { $0.seat.member == member }?.hurry(at: loop.turnStart)
  }

  /// Ends a guest's connection after a last word, in our protocol unless it is given.
  func showOut(
    _ guest: PeerGuest,
    _ code: ErrorCode,
    _ message: String,
    configurationIndex: LogIndex = .zero,
    farewell: [UInt8]? = nil
  ) {
    log.say(
      .warning,
      "peer.refused",
      [
        ("address", guest.connection.peerAddress.description), ("code", code.rawValue),
        ("reason", message),
      ]
    )
    let head = Reply.Head(
      node: identity.member.id.rawValue,
      leader: 0,
      leaderAddress: "",
      revision: 0
    )
    var writer = ByteWriter()
    let refused = Reply.Refused(
      code,
      message,
      outcome: .notApplied,
      currentRevision: configurationIndex.rawValue
    )
    Reply(head, .error(refused)).writeFrame(into: &writer, requestID: 0)
    do {
      try guest.connection.send(farewell ?? writer.bytes)
    } catch {
      guest.connection.close()
    }
    guest.connection.finish()
    guests.removeAll { $0 === guest }
  }

  /// Ends the oldest connection of some, where one more has come than may stay.
  private func makeWay(beyond countMax: Int, where isOne: (PeerGuest) -> Bool) {
    let some = guests.filter(isOne)
    if some.count > countMax { dismiss(some[0]) }
  }

  /// Ends a guest's connection without a word.
  func dismiss(_ guest: PeerGuest) {
    guest.connection.close()
    guests.removeAll { $0 === guest }
  }
}
