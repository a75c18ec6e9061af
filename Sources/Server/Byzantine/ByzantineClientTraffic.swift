import ClientProtocol
import Consensus
import Crypto
import PBFT
import Replication
import Transport
import Wire

/// What the client traffic of a Byzantine node needs of the node.
protocol ByzantineClientOwner: AnyObject {
  /// A client's envelope is to be ordered, if its signature is good; whoever refuses says why.
  func order(
    _ envelope: SignedEnvelope,
    size: Int,
    from source: VerificationSource,
    refuse: @escaping (Reply.Refused) -> Void
  )

  /// A client wants this node's own word on a read.
  func readFast(_ query: [UInt8], token: ReplyToken)

  /// Why a node cannot be made primary, if that is plain at once.
  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)?

  /// An operator wants another primary.
  func transferLeadership(to target: NodeID?, token: ReplyToken)

  /// What this node signs of a client's write; nil if it does not remember it.
  func receipt(for key: RequestKey, of client: ByzantineClient) -> [UInt8]?

  /// How the node stands.
  func nodeStatus() -> NodeStatus

  /// How this node shows itself in handshakes.
  func card() -> NodeCard

  /// What stands before every answer.
  func replyHead() -> Reply.Head

  /// The node's view.
  var view: UInt64 { get }
}

/// TLS connections of clients whose keys the genesis names: envelopes come in, and every node's
/// word on what became of their requests goes out, to whoever has attached itself to their session.
final class ByzantineClientTraffic {
  /// Whose replies go where.
  struct Attachment: Hashable {
    let client: ClientNumber
    let word: UInt64
  }

  /// A connection that waits for this node's own word.
  private struct Wait {
    let client: ClientState
    let number: ClientNumber
    let requestID: UInt64
  }

  /// The most envelopes of one connection that are verified or waited for at once.
  private static let inFlightMax = 16
  /// The most sessions and nonces of one connection; the one asked for longest ago is let go for
  /// the next.
  private static let wordsMax = 64
  /// The most connections of one client that are told of one session; the oldest is let go of.
  private static let listenersMax = 4
  /// The most connections of one client; more are shown out.
  private static let connectionsMax = 64
  /// No query that means anything is larger.
  private static let querySizeMax = 8 << 10

  let loop: EventLoop
  unowned let owner: any ByzantineClientOwner
  /// The connections; made last, as it needs an owner.
  private(set) lazy var port = ClientPort(
    loop: loop,
    cluster: authority.cluster,
    limits: limits,
    owner: self,
    log: log
  )
  private let authority: Authority
  private let endpoint: TLSEndpoint
  private let limits: ClientLimits
  private let log: EventLog
  private(set) var clients: [ConnectionID: ByzantineClient] = [:]
  private var attached: [Attachment: [ByzantineClient]] = [:]
  private var connectionsCounts: [ClientNumber: Int] = [:]
  /// Who waits for this node's own word.
  private var waiting: [ReplyToken: Wait] = [:]
  /// How many of each client, over all its connections.
  private var waitingCounts: [ClientNumber: Int] = [:]
  private var nextToken: UInt64 = 0
  /// Who waits for a receipt.
  var receipts = FairQueue<ConnectionID, ReceiptWish>()

  init(
    loop: EventLoop,
    node: ByzantineNode,
    limits: ClientLimits,
    owner: any ByzantineClientOwner,
    log: EventLog
  ) {
    self.loop = loop
    authority = node.authority
    endpoint = node.endpoint
    self.limits = limits
    self.owner = owner
    self.log = log
  }

  /// Listens for the clients of the genesis.
  func listen(on address: SocketAddress, connectionsMax: Int) throws(TransportError) {
    let welcome = Set(authority.clients)
    let endpoint = endpoint
    try port.listen(
      on: address,
      connectionsMax: connectionsMax,
      securedBy: { endpoint.accept { welcome.contains($0) } }
    )
  }

  /// Tells everybody who has attached to its session what became of each request.
  func answer(_ answers: [OrderedAnswer]) {
    guard !answers.isEmpty else { return }
    let view = owner.view
    var writer = port.takeWriter()
    var current: Attachment?
    for answer in answers {
      let attachment = Attachment(client: answer.client, word: answer.key.session)
      if attachment != current || writer.count >= ReplyPiece.sizeMax {
        send(&writer, to: current)
        current = attachment
      }
      guard attached[attachment] != nil else { continue }
      OrderedReply(answer, view: view).writeFrame(into: &writer)
    }
    send(&writer, to: current)
    port.giveBack(writer)
  }

  private func send(_ frames: inout ByteWriter, to attachment: Attachment?) {
    guard frames.count > 0, let attachment, let listeners = attached[attachment] else { return }
    for client in listeners { send(frames, to: client) }
    frames.removeAll()
  }

  /// Replies come unasked here: whoever takes none is cut off, and is told again when it asks.
  private func send(_ frames: ByteWriter, to client: ByzantineClient) {
    let pending = client.state.connection.pendingOutBytes
    let isOverMost = port.outBytes > limits.outSizeMax && pending > limits.outPausedSize / 16
    guard pending <= limits.outPausedSize, !isOverMost else { return port.drop(client.state) }
    port.send(frames, to: client.state)
  }

  /// Gives this node's own word to whoever waits for it: reads, and what came of operators' wishes.
  func answer(_ replies: [AddressedReply]) {
    for addressed in replies {
      guard let wait = waiting.removeValue(forKey: addressed.token) else { continue }
      wait.client.inFlight -= 1
      waitingCounts[wait.number, default: 1] -= 1
      var revision: UInt64?
      if case .answer(let index, _) = addressed.reply { revision = index.rawValue }
      let body = OrderedReply.body(of: addressed.reply)
      port.send(body, to: wait.requestID, of: wait.client, revision: revision)
    }
  }
}

extension ByzantineClientTraffic: ClientPortOwner {
  func card() -> NodeCard { owner.card() }

  func replyHead() -> Reply.Head { owner.replyHead() }

  func connected(_ client: ClientState) {
    let channel = client.connection.channel as? TLSChannel
    guard let key = channel?.peerKey, let number = authority.number(of: key) else {
      return port.drop(client)
    }
    let count = connectionsCounts[number, default: 0]
    guard count < Self.connectionsMax else {
      return port.showOut(client, .overloaded, "this client has \(count) connections already")
    }
    connectionsCounts[number] = count + 1
    clients[client.connection.id] = ByzantineClient(
      client,
      key: key,
      number: number,
      inFlightMax: Self.inFlightMax
    )
  }

  func forgot(_ client: ClientState) {
    guard let gone = clients.removeValue(forKey: client.connection.id) else { return }
    connectionsCounts[gone.number, default: 1] -= 1
    receipts.removeAll(of: client.connection.id)
    for word in gone.words { detach(gone, from: word) }
  }

  func received(_ frame: FrameView, in bytes: [UInt8], of client: ClientState) {
    guard let client = clients[client.connection.id] else { return }
    do {
      switch FrameKind(rawValue: frame.head.kind) {
      case .envelope: try order(frame, in: bytes, of: client)
      case .receipt: try askForReceipt(frame, in: bytes, of: client)
      case .attach:
        var reader = ByteReader(bytes, frame.payload)
        let word = try reader.read(UInt64.self)
        try reader.expectEnd()
        attach(client, to: word)
        port.send(.done, to: frame.head.requestID, of: client.state)
      case .fastRead: readFast(Array(bytes[frame.payload]), frame.head.requestID, of: client)
      default:
        try carryOut(Request(in: bytes, frame), frame.head.requestID, of: client)
      }
    } catch {
      port.refuse(.badRequest, "\(error)", to: frame.head.requestID, of: client.state)
    }
  }

  /// The bytes of a frame are gone when the turn ends, and verification takes longer.
  private func order(
    _ frame: FrameView,
    in bytes: [UInt8],
    of client: ByzantineClient
  ) throws(WireError) {
    let payload = Array(bytes[frame.payload])
    let envelope = try SignedEnvelope(decoding: payload)
    let requestID = frame.head.requestID
    guard envelope.client == client.key else {
      return port.refuse(
        .unauthorized,
        "the envelope is of another client than the connection",
        to: requestID,
        of: client.state
      )
    }
    owner.order(envelope, size: payload.count, from: client.source) { [weak self] refused in
      self?.port.send(.error(refused), to: requestID, of: client.state)
    }
  }

  private func readFast(_ query: [UInt8], _ requestID: UInt64, of client: ByzantineClient) {
    guard query.count <= Self.querySizeMax else {
      let message = "a query of \(query.count) bytes is over \(Self.querySizeMax)"
      return port.refuse(.tooLarge, message, to: requestID, of: client.state)
    }
    guard let token = wait(requestID, of: client) else { return }
    owner.readFast(query, token: token)
  }

  /// What the answer will be known by; nil if too much waits, of which the client is told.
  private func wait(_ requestID: UInt64, of client: ByzantineClient) -> ReplyToken? {
    let count = waitingCounts[client.number, default: 0]
    guard client.state.inFlight < limits.requestsPerConnectionMax, count < limits.readsPerClientMax,
      port.hasOutRoom(for: client.state)
    else {
      refuseMore(requestID, of: client.state)
      return nil
    }
    nextToken += 1
    let token = ReplyToken(nextToken, asker: UInt64(client.number.rawValue))
    client.state.inFlight += 1
    waitingCounts[client.number] = count + 1
    waiting[token] = Wait(client: client.state, number: client.number, requestID: requestID)
    return token
  }

  func refuseMore(_ requestID: UInt64, of client: ClientState) {
    port.refuse(
      .overloaded,
      "too much of this connection waits to be answered or taken",
      to: requestID,
      of: client,
      retryAfter: ClientTraffic.retryAfterMilliseconds
    )
  }

  /// What is asked for once more is the newest again, of this connection's and of the client's.
  private func attach(_ client: ByzantineClient, to word: UInt64) {
    if let place = client.words.firstIndex(of: word) {
      client.words.remove(at: place)
      detach(client, from: word)
    }
    if client.words.count >= Self.wordsMax { detach(client, from: client.words.removeFirst()) }
    client.words.append(word)
    let attachment = Attachment(client: client.number, word: word)
    if let listeners = attached[attachment], listeners.count >= Self.listenersMax {
      listeners[0].words.removeAll { $0 == word }
      detach(listeners[0], from: word)
    }
    attached[attachment, default: []].append(client)
  }

  private func detach(_ client: ByzantineClient, from word: UInt64) {
    let attachment = Attachment(client: client.number, word: word)
    attached[attachment]?.removeAll { $0 === client }
    if attached[attachment]?.isEmpty == true { attached[attachment] = nil }
  }

  /// What a node answers by itself.
  private func carryOut(_ request: Request, _ requestID: UInt64, of asker: ByzantineClient) {
    let client = asker.state
    switch request {
    case .status: port.send(.status(owner.nodeStatus()), to: requestID, of: client)
    case .ping: port.send(.done, to: requestID, of: client)
    case .credit, .cancel: break
    case .transferLeader(let target):
      let target = target == 0 ? nil : NodeID(target)
      if let objection = target.flatMap(owner.objection(toTransferTo:)) {
        return port.refuse(objection.code, objection.message, to: requestID, of: client)
      }
      guard let token = wait(requestID, of: asker) else { return }
      owner.transferLeadership(to: target, token: token)
    case .openSession, .closeSession, .write, .read, .outcome, .changeMembers:
      port.refuse(
        .badRequest,
        "this cluster orders signed envelopes alone, and its members are fixed",
        to: requestID,
        of: client
      )
    }
  }
}
