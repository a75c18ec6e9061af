import ClientProtocol
import Consensus
import Raft
import Replication
import Transport
import Wire

/// What the owner of peer traffic is told.
protocol PeerTrafficOwner: AnyObject {
  /// A member speaks.
  func received(_ message: PeerMessage<RaftMessage>, from sender: Member)

  /// How this node shows itself in handshakes.
  func card() -> NodeCard
}

/// Connections between members.
///
/// There is one that we dial to each of them and speak on, and one from each that we listen on.
/// Nothing is believed before a handshake names cluster, node and incarnation.
final class PeerTraffic {
  private let loop: EventLoop
  private let identity: Identity
  private unowned let owner: any PeerTrafficOwner
  private var links: [PeerLink] = []
  private var seats: [ClusterConfiguration.Seat] = []
  private var random: RandomSource
  /// Frames are built here; its storage is used again.
  private var writer = ByteWriter(capacity: 1 << 16)
  var log: EventLog

  init(
    loop: EventLoop,
    identity: Identity,
    owner: any PeerTrafficOwner,
    seed: UInt64,
    log: EventLog
  ) {
    self.loop = loop
    self.identity = identity
    self.owner = owner
    self.log = log
    random = RandomSource(seed: seed)
  }

  /// Listens for the other members.
  func listen(on address: SocketAddress) throws(TransportError) {
    _ = try loop.listen(on: address, connectionsMax: 64, delegate: self)
  }

  /// Takes over whom to connect to.
  func use(_ configuration: ClusterConfiguration) {
    seats = configuration.seats
    let others = seats.filter { $0.member.id != identity.member.id }
    for link in links where !others.contains(where: { $0 == link.seat }) { link.close() }
    links = others.map { seat in
      links.first { $0.seat == seat } ?? PeerLink(seat: seat)
    }
  }

  /// Dials whoever is not connected and is due.
  func connectWhereDue(at now: UInt64) {
    for link in links where link.isDue(at: now) {
      do {
        let address = try SocketAddress(parsing: link.seat.peerAddress)
        let connection = try loop.connect(
          to: address,
          timeoutMicroseconds: PeerLink.connectTimeoutMicroseconds,
          delegate: self
        )
        connection.tag = Int(link.seat.member.id.rawValue)
        connection.isUrgent = true
        link.dialed(connection)
      } catch {
        failed(link, "\(error)")
      }
    }
  }

  /// Sends a message, or drops it if there is no way: the protocol sends again what matters.
  func send(_ envelope: Envelope<PeerMessage<RaftMessage>>) {
    guard
      let link = links.first(where: { $0.seat.member == envelope.recipient }),
      let connection = link.readyConnection
    else { return }
    writer.bytes.removeAll(keepingCapacity: true)
    writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
      $0.write(envelope.message)
    }
    send(writer.bytes, on: connection, of: link)
  }

  private func send(_ bytes: [UInt8], on connection: Connection, of link: PeerLink) {
    do {
      try connection.send(bytes)
    } catch {
      connection.close()
      failed(link, "\(error)")
    }
  }

  private func link(of connection: Connection) -> PeerLink? {
    links.first { $0.connection === connection }
  }

  private func failed(_ link: PeerLink, _ reason: String) {
    if link.isNewsWorthy {
      log.say(
        .warning,
        "peer.disconnected",
        [("peer", "\(link.seat.member.id)"), ("reason", reason)]
      )
    }
    link.failed(at: loop.turnStart, jitter: random.number(in: 0..<20_000))
  }
}

extension PeerTraffic: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    guard let link = link(of: connection) else {
      connection.isUrgent = true
      return
    }
    let hello = Hello(
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      speaker: .peer(owner.card())
    )
    var writer = ByteWriter()
    hello.writeFrame(into: &writer)
    send(writer.bytes, on: connection, of: link)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    do {
      return try FrameLoop.forEachFrame(
        in: bytes,
        range,
        of: connection,
        sizeMax: Limits.frameSizeMax
      ) { frame throws(WireError) in
        try receive(frame, in: bytes, on: connection)
      }
    } catch {
      log.say(
        .warning,
        "peer.frame.refused",
        [("address", connection.peerAddress.description), ("reason", "\(error)")]
      )
      close(connection, "\(error)")
      return range.count
    }
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    if let link = link(of: connection) { failed(link, "\(reason)") }
  }

  private func close(_ connection: Connection, _ reason: String) {
    connection.close()
    if let link = link(of: connection) { failed(link, reason) }
  }

  private func receive(
    _ frame: FrameView,
    in bytes: [UInt8],
    on connection: Connection
  ) throws(WireError) {
    var reader = ByteReader(bytes, frame.payload)
    switch FrameKind(rawValue: frame.head.kind) {
    case .hello: try greet(Hello(from: &reader), on: connection)
    case .helloAck: try acknowledged(HelloAck(from: &reader), on: connection)
    case .peerMessages:
      guard let sender = speaker(on: connection) else {
        throw .badValue("message before the handshake", offset: frame.payload.lowerBound)
      }
      let message = try PeerMessage<RaftMessage>(from: &reader)
      try reader.expectEnd()
      owner.received(message, from: sender)
    case .errorReply:
      let reply = try ClientProtocol.Reply(in: bytes, frame)
      if case .error(let refused) = reply.body {
        log.say(
          .warning,
          "peer.refused",
          [("code", refused.code.rawValue), ("reason", refused.message)]
        )
      }
      close(connection, "refused by the other side")
    default:
      throw .badValue("frame kind between members", offset: frame.payload.lowerBound)
    }
  }

  /// Who speaks on a connection that we accepted.
  private func speaker(on connection: Connection) -> Member? {
    guard connection.tag != 0, link(of: connection) == nil else { return nil }
    return seats.first { $0.member.id.rawValue == UInt32(connection.tag) }?.member
  }

  /// Somebody dialed us: let in only a member of our cluster with the incarnation we know (N11).
  private func greet(_ hello: Hello, on connection: Connection) {
    let (code, message) = objection(to: hello)
    if let code {
      log.say(
        .warning,
        "peer.hello.refused",
        [("address", connection.peerAddress.description), ("code", code.rawValue)]
      )
      let head = ClientProtocol.Reply.Head(
        node: identity.member.id.rawValue,
        leader: 0,
        leaderAddress: "",
        revision: 0
      )
      var writer = ByteWriter()
      ClientProtocol.Reply(head, .error(.init(code, message))).writeFrame(
        into: &writer,
        requestID: 0
      )
      do { try connection.send(writer.bytes) } catch { connection.close() }
      connection.finish()
      return
    }
    guard case .peer(let card) = hello.speaker, let version = hello.versions.chosen(with: .ours)
    else { return }
    connection.tag = Int(card.id)
    let ack = HelloAck(
      version: version,
      clusterHigh: identity.cluster.high,
      clusterLow: identity.cluster.low,
      node: owner.card()
    )
    var writer = ByteWriter()
    ack.writeFrame(into: &writer)
    do { try connection.send(writer.bytes) } catch { connection.close() }
    // Whoever comes back wants to hear from us soon.
    links.first { $0.seat.member.id.rawValue == card.id }?.hurry(at: loop.turnStart)
  }

  private func objection(to hello: Hello) -> (ErrorCode?, String) {
    guard hello.clusterHigh == identity.cluster.high, hello.clusterLow == identity.cluster.low
    else { return (.wrongCluster, "this is a node of cluster \(identity.cluster)") }
    guard hello.versions.chosen(with: .ours) != nil else {
      return (.unsupportedVersion, "no protocol version in common")
    }
    guard case .peer(let card) = hello.speaker else {
      return (.badRequest, "this port is for members; clients use the other one")
    }
    let member = Member(id: NodeID(card.id), incarnation: Incarnation(card.incarnation))
    guard seats.contains(where: { $0.member == member }), member.id != identity.member.id else {
      return (.unauthorized, "node \(card.id) with that incarnation is no member")
    }
    return (nil, "")
  }

  private func acknowledged(_ ack: HelloAck, on connection: Connection) {
    guard let link = link(of: connection) else { return }
    let shown = Member(id: NodeID(ack.node.id), incarnation: Incarnation(ack.node.incarnation))
    guard
      shown == link.seat.member, ack.clusterHigh == identity.cluster.high,
      ack.clusterLow == identity.cluster.low
    else {
      close(connection, "another node answers at \(link.seat.peerAddress)")
      return
    }
    link.established()
    log.say(.info, "peer.connected", [("peer", "\(shown.id)"), ("boot", "\(ack.node.boot)")])
  }
}
