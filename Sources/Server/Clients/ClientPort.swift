import ClientProtocol
import Consensus
import Transport
import Wire

/// What the owner of a client port answers, and is told.
protocol ClientPortOwner: AnyObject {
  /// Who this node is in handshakes.
  func card() -> NodeCard

  /// What stands before every answer.
  func replyHead() -> Reply.Head

  /// Somebody has connected and is yet to say hello.
  func connected(_ client: ClientState)

  /// A whole frame of a greeted client.
  func received(_ frame: FrameView, in bytes: [UInt8], of client: ClientState)

  /// A client is gone, and with it everything that was held for it.
  func forgot(_ client: ClientState)
}

/// Connections of clients, greeted and kept within their bounds: bytes become whole frames, and
/// answers become bytes.
final class ClientPort {
  let loop: EventLoop
  let cluster: ClusterID
  let limits: ClientLimits
  unowned let owner: any ClientPortOwner
  private(set) var clients: [ConnectionID: ClientState] = [:]
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
    cluster: ClusterID,
    limits: ClientLimits,
    owner: any ClientPortOwner,
    log: EventLog
  ) {
    self.loop = loop
    self.cluster = cluster
    self.limits = limits
    self.owner = owner
    self.log = log
  }

  /// Listens for clients; with a maker of channels nobody is heard who has not shown its key.
  func listen(
    on address: SocketAddress,
    connectionsMax: Int,
    securedBy makeChannel: (() -> any SecureChannel)? = nil
  ) throws(TransportError) {
    listener = try loop.listen(
      on: address,
      connectionsMax: connectionsMax,
      securedBy: makeChannel,
      delegate: self
    )
  }

  /// Sends an answer on its way; a client that takes none is cut off.
  func send(
    _ body: Reply.Body,
    to requestID: UInt64,
    of client: ClientState,
    revision: UInt64? = nil,
    more: Bool = false
  ) {
    guard client.connection.isOpen else { return }
    var head = owner.replyHead()
    if let revision { head.revision = revision }
    writer.removeAll()
    Reply(head, body).writeFrame(into: &writer, requestID: requestID, more: more)
    send(writer, to: client)
  }

  /// Sends the results of a piece, if there are any.
  func send(_ piece: ReplyPiece) {
    guard let client = piece.client, piece.writer.count > 0 else { return }
    send(piece.writer, to: client)
  }

  /// Sends whole frames.
  func send(_ frames: ByteWriter, to client: ClientState) {
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
    let refused = Reply.Refused(
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

  /// Ends a connection without a word.
  func drop(_ client: ClientState) {
    client.connection.close()
    forget(client)
  }

  /// Lets go of everything that was held for a client.
  private func forget(_ client: ClientState) {
    guard clients.removeValue(forKey: client.connection.id) != nil else { return }
    partialBytes -= client.partialBytes
    client.partialBytes = 0
    owner.forgot(client)
  }
}

extension ClientPort: ConnectionDelegate {
  /// A client that takes nothing at all for so long is broken off by the kernel.
  private static let silenceMilliseconds: UInt32 = 30_000

  func connectionOpened(_ connection: Connection) {
    let client = ClientState(connection: connection, since: loop.turnStart)
    clients[connection.id] = client
    connection.breakOff(afterSilenceMilliseconds: Self.silenceMilliseconds)
    owner.connected(client)
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
      notePartial(range.count - consumed, behind: consumed, of: client)
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
      owner.received(frame, in: bytes, of: client)
      return
    }
    guard FrameKind(rawValue: frame.head.kind) == .hello else {
      throw .badValue("hello; it must come first", offset: frame.payload.lowerBound)
    }
    var reader = ByteReader(bytes, frame.payload)
    greet(try Hello(from: &reader), client)
  }

  private func greet(_ hello: Hello, _ client: ClientState) {
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
