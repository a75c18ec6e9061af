import ClientProtocol
import Consensus
import Replication
import Transport
import Wire

/// What client traffic needs of the node.
protocol ClientTrafficOwner: AnyObject {
  /// A client asks for something that the replica decides.
  func submit(_ request: ClientRequest, mayForward: Bool, token: ReplyToken)

  /// A client reads.
  func read(_ request: ReadRequest, deadlineMicroseconds: UInt64, token: ReplyToken)

  /// The next page of a scan whose first page was read before.
  func continueScan(_ query: [UInt8]) -> [UInt8]

  /// An operator wants another leader.
  func transferLeadership(to target: NodeID?, token: ReplyToken)

  /// How the node stands.
  func nodeStatus() -> NodeStatus

  /// How this node shows itself in handshakes.
  func card() -> NodeCard

  /// What stands before every answer.
  func replyHead() -> ClientProtocol.Reply.Head
}

/// Connections of clients: whole, checked frames become requests, replies become frames.
final class ClientTraffic {
  /// A client that takes no answers is not read from beyond this.
  static let pendingOutBytesMax = 16 << 20
  /// Who has not said hello by then is shown out, in microseconds.
  static let handshakeMicroseconds: UInt64 = 10_000_000
  /// A request that names no deadline is waited for this long, in microseconds.
  static let defaultDeadlineMicroseconds: UInt64 = 30_000_000
  /// What an overloaded node suggests, in milliseconds.
  static let retryAfterMilliseconds: UInt32 = 20

  let loop: EventLoop
  let identity: Identity
  unowned let owner: any ClientTrafficOwner
  var clients: [ConnectionID: ClientState] = [:]
  var tokens = TokenTable()
  var streams: [ScanStream] = []
  /// Frames are built here; its storage is used again.
  var writer = ByteWriter(capacity: 1 << 16)
  private var log: EventLog

  init(loop: EventLoop, identity: Identity, owner: any ClientTrafficOwner, log: EventLog) {
    self.loop = loop
    self.identity = identity
    self.owner = owner
    self.log = log
  }

  /// Listens for clients.
  func listen(on address: SocketAddress, connectionsMax: Int) throws(TransportError) {
    _ = try loop.listen(on: address, connectionsMax: connectionsMax, delegate: self)
  }

  /// Shows out who connected and never said hello.
  func closeSilent(at now: UInt64) {
    for (_, client) in clients
    where !client.hasSaidHello && now > client.since + Self.handshakeMicroseconds {
      drop(client.connection)
    }
  }

  /// Sends an answer on its way; a client that takes none is cut off.
  func send(
    _ body: ClientProtocol.Reply.Body,
    to requestID: UInt64,
    on connection: Connection,
    revision: UInt64? = nil,
    more: Bool = false
  ) {
    guard connection.isOpen else { return }
    var head = owner.replyHead()
    if let revision { head.revision = revision }
    writer.bytes.removeAll(keepingCapacity: true)
    ClientProtocol.Reply(head, body).writeFrame(into: &writer, requestID: requestID, more: more)
    do {
      try connection.send(writer.bytes)
    } catch {
      drop(connection)
      return
    }
    if connection.pendingOutBytes > Self.pendingOutBytesMax { connection.pauseReading() }
  }

  func refuse(
    _ code: ErrorCode,
    _ message: String,
    to requestID: UInt64,
    on connection: Connection,
    retryAfter: UInt32 = 0
  ) {
    let refused = ClientProtocol.Reply.Refused(
      code,
      message,
      retryAfterMilliseconds: retryAfter
    )
    send(.error(refused), to: requestID, on: connection)
  }

  private func drop(_ connection: Connection) {
    connection.close()
    forget(connection)
  }

  private func forget(_ connection: Connection) {
    clients[connection.id] = nil
    endStreams(of: connection)
  }
}

/// What is known of a connected client.
struct ClientState {
  var connection: Connection
  var since: UInt64
  var hasSaidHello = false
  /// Requests of this connection that wait for an answer.
  var inFlight = 0
}

extension ClientTraffic: ConnectionDelegate {
  func connectionOpened(_ connection: Connection) {
    clients[connection.id] = ClientState(connection: connection, since: loop.turnStart)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    let isKnown = clients[connection.id]?.hasSaidHello ?? false
    let sizeMax = isKnown ? Limits.frameSizeMax : Limits.handshakeFrameSizeMax
    do {
      return try FrameLoop.forEachFrame(
        in: bytes,
        range,
        of: connection,
        sizeMax: sizeMax
      ) { frame throws(WireError) in
        try receive(frame, in: bytes, on: connection)
      }
    } catch {
      log.say(
        .warning,
        "client.frame.refused",
        [("address", connection.peerAddress.description), ("reason", "\(error)")]
      )
      refuse(.badFrame, "\(error)", to: 0, on: connection)
      connection.finish()
      forget(connection)
      return range.count
    }
  }

  func connectionDrained(_ connection: Connection) {
    connection.resumeReading()
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    forget(connection)
  }

  private func receive(
    _ frame: FrameView,
    in bytes: [UInt8],
    on connection: Connection
  ) throws(WireError) {
    if clients[connection.id]?.hasSaidHello ?? false {
      receiveRequest(frame, in: bytes, on: connection)
      return
    }
    guard FrameKind(rawValue: frame.head.kind) == .hello else {
      throw .badValue("hello; it must come first", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    greet(try Hello(from: &reader), frame.head.requestID, on: connection)
  }

  private func greet(_ hello: Hello, _ requestID: UInt64, on connection: Connection) {
    let cluster = identity.cluster
    let isAny = hello.clusterHigh == 0 && hello.clusterLow == 0
    let isOurs = hello.clusterHigh == cluster.high && hello.clusterLow == cluster.low
    guard let version = hello.versions.chosen(with: .ours) else {
      refuse(.unsupportedVersion, "no protocol version in common", to: requestID, on: connection)
      connection.finish()
      forget(connection)
      return
    }
    guard case .client = hello.speaker, isAny || isOurs else {
      let message = "this port is for clients of cluster \(cluster)"
      refuse(.wrongCluster, message, to: requestID, on: connection)
      connection.finish()
      forget(connection)
      return
    }
    clients[connection.id]?.hasSaidHello = true
    let ack = HelloAck(
      version: version,
      clusterHigh: cluster.high,
      clusterLow: cluster.low,
      node: owner.card()
    )
    var writer = ByteWriter()
    ack.writeFrame(into: &writer)
    do { try connection.send(writer.bytes) } catch { drop(connection) }
  }
}
