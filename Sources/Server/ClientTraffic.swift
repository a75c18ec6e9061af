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

  /// Nobody waits any longer for what these tokens stand for.
  func abandon(_ tokens: [ReplyToken])

  /// The next page of a scan whose first page was read before.
  func continueScan(_ query: [UInt8]) -> [UInt8]

  /// Why a node cannot be made leader, if that is plain at once.
  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)?

  /// An operator wants another leader.
  func transferLeadership(to target: NodeID?, token: ReplyToken)

  /// An operator wants the members changed.
  func changeMembers(_ change: MemberChange, token: ReplyToken)

  /// How the node stands.
  func nodeStatus() -> NodeStatus

  /// How this node shows itself in handshakes.
  func card() -> NodeCard

  /// What stands before every answer.
  func replyHead() -> ClientProtocol.Reply.Head

  /// A refusal as clients see it.
  func explain(_ refusal: Refusal) -> ClientProtocol.Reply.Refused
}

/// Connections of clients: whole, checked frames become requests, replies become frames.
final class ClientTraffic {
  /// What an overloaded node suggests, in milliseconds.
  static let retryAfterMilliseconds: UInt32 = 20

  let loop: EventLoop
  let identity: Identity
  let limits: ClientLimits
  unowned let owner: any ClientTrafficOwner
  var clients: [ConnectionID: ClientState] = [:]
  /// Neither it nor the writer calls anybody, so that no two accesses overlap.
  var tokens = TokenTable()
  var streams: [ScanStream] = []
  /// Streams begun or asked for, of all clients.
  var streamsCount = 0
  /// Those who have much to take; what they have to take in all is counted anew each turn.
  var burdened: [ClientState] = []
  var outBytes = 0
  /// The bytes of all frames whose end has not come.
  var partialBytes = 0
  /// The time of this turn, and when the bytes at hand came: those that lay here unread because
  /// their sender took no answers have been here since `lastReceived` at the latest.
  private(set) var arrival: (now: UInt64, came: UInt64) = (0, 0)
  /// Frames are built here; its storage is used again.
  private var writer = ByteWriter(capacity: 1 << 16)
  var log: EventLog
  private(set) var listener: Listener?
  /// How many clients the log has told of that found no place.
  var turnedAwayCount = 0

  init(
    loop: EventLoop,
    identity: Identity,
    limits: ClientLimits,
    owner: any ClientTrafficOwner,
    log: EventLog
  ) {
    self.loop = loop
    self.identity = identity
    self.limits = limits
    self.owner = owner
    self.log = log
  }

  /// Listens for clients.
  func listen(on address: SocketAddress, connectionsMax: Int) throws(TransportError) {
    listener = try loop.listen(on: address, connectionsMax: connectionsMax, delegate: self)
  }

  /// Sends an answer on its way; a client that takes none is cut off.
  func send(
    _ body: ClientProtocol.Reply.Body,
    to requestID: UInt64,
    of client: ClientState,
    revision: UInt64? = nil,
    more: Bool = false
  ) {
    guard client.connection.isOpen else { return }
    var head = owner.replyHead()
    if let revision { head.revision = revision }
    writer.removeAll()
    ClientProtocol.Reply(head, body).writeFrame(into: &writer, requestID: requestID, more: more)
    send(writer, to: client)
  }

  /// Sends the results of a piece, if there are any.
  func send(_ piece: ReplyPiece) {
    guard let client = piece.client, piece.writer.count > 0 else { return }
    send(piece.writer, to: client)
  }

  private func send(_ frames: ByteWriter, to client: ClientState) {
    guard client.connection.isOpen else { return }
    do {
      try client.connection.send(frames.storage, in: 0..<frames.count)
    } catch {
      log.say(.warning, "client.dropped", [("reason", "\(error)")])
      drop(client)
      return
    }
    count(frames.count, for: client)
  }

  /// The writer, empty, for whoever writes more than one frame; it is given back afterwards.
  func takeWriter() -> ByteWriter {
    var taken = ByteWriter()
    swap(&taken, &writer)
    taken.removeAll()
    return taken
  }

  func giveBack(_ writer: ByteWriter) {
    self.writer = writer
  }

  func refuse(
    _ code: ErrorCode,
    _ message: String,
    to requestID: UInt64,
    of client: ClientState,
    retryAfter: UInt32 = 0
  ) {
    let refused = ClientProtocol.Reply.Refused(
      code,
      message,
      outcome: .notApplied,
      retryAfterMilliseconds: retryAfter
    )
    send(.error(refused), to: requestID, of: client)
  }

  /// Ends a connection after a last word, in our protocol unless it is given.
  func showOut(
    _ client: ClientState,
    _ code: ErrorCode,
    _ message: String,
    farewell: [UInt8]? = nil
  ) {
    log.say(
      .warning,
      "client.refused",
      [
        ("address", client.connection.peerAddress.description), ("code", code.rawValue),
        ("reason", message),
      ]
    )
    if let farewell {
      do { try client.connection.send(farewell) } catch { client.connection.close() }
    } else {
      refuse(code, message, to: 0, of: client)
    }
    client.connection.finish()
    forget(client)
  }

  private func drop(_ client: ClientState) {
    client.connection.close()
    forget(client)
  }

  /// Lets go of everything that was held for a client.
  private func forget(_ client: ClientState) {
    guard clients.removeValue(forKey: client.connection.id) != nil else { return }
    partialBytes -= client.partialBytes
    client.partialBytes = 0
    endStreams(of: client)
    let abandoned = tokens.takeAll(of: client)
    streamsCount -= client.streamsCount
    client.streamsCount = 0
    if !abandoned.isEmpty { owner.abandon(abandoned) }
  }
}

extension ClientTraffic: ConnectionDelegate {
  /// A client that takes nothing at all for so long is broken off by the kernel.
  private static let silenceMilliseconds: UInt32 = 30_000

  func connectionOpened(_ connection: Connection) {
    clients[connection.id] = ClientState(connection: connection, since: loop.turnStart)
    connection.breakOff(afterSilenceMilliseconds: Self.silenceMilliseconds)
  }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    guard let client = clients[connection.id] else { return range.count }
    let now = loop.turnStart
    arrival = (now, min(connection.lastReceived, now))
    let sizeMax = client.hasSaidHello ? Limits.frameSizeMax : Limits.handshakeFrameSizeMax
    do {
      let consumed = try FrameLoop.forEachFrame(
        in: bytes,
        range,
        of: connection,
        sizeMax: sizeMax
      ) { frame throws(WireError) in
        try receive(frame, in: bytes, of: client)
      }
      notePartial(range.count - consumed, of: client)
      return consumed
    } catch {
      let farewell = client.hasSaidHello ? nil : HTTPFarewell(to: bytes[range], at: "clients")
      showOut(client, error.code, "\(error)", farewell: farewell?.bytes)
      return range.count
    }
  }

  func connectionDrained(_ connection: Connection) {
    connection.resumeReading()
  }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    if let client = clients[connection.id] { forget(client) }
  }

  private func receive(
    _ frame: FrameView,
    in bytes: [UInt8],
    of client: ClientState
  ) throws(WireError) {
    if client.hasSaidHello {
      receiveRequest(frame, in: bytes, of: client)
      return
    }
    guard FrameKind(rawValue: frame.head.kind) == .hello else {
      throw .badValue("hello; it must come first", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    greet(try Hello(from: &reader), client)
  }

  private func greet(_ hello: Hello, _ client: ClientState) {
    let cluster = identity.cluster
    let isAny = hello.clusterHigh == 0 && hello.clusterLow == 0
    let isOurs = hello.clusterHigh == cluster.high && hello.clusterLow == cluster.low
    guard case .client = hello.speaker else {
      showOut(client, .badRequest, "this port is for clients; members use the other one")
      return
    }
    guard isAny || isOurs else {
      showOut(client, .wrongCluster, "this is a node of cluster \(cluster)")
      return
    }
    guard let version = hello.versions.chosen(with: .ours) else {
      showOut(client, .unsupportedVersion, "no protocol version in common")
      return
    }
    client.hasSaidHello = true
    let ack = HelloAck(
      version: version,
      clusterHigh: cluster.high,
      clusterLow: cluster.low,
      node: owner.card()
    )
    var writer = ByteWriter()
    ack.writeFrame(into: &writer)
    do { try client.connection.send(writer.bytes) } catch { drop(client) }
  }
}
