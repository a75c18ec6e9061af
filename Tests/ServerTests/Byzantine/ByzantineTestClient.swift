import ClientProtocol
import Consensus
import Crypto
import Wire
import XCTest

/// A client of a Byzantine cluster that believes what f+1 nodes say alike; every wait is bounded.
final class ByzantineTestClient {
  let key: PrivateKey
  let cluster: ByzantineTestCluster
  /// The connections, by node id.
  private(set) var links: [UInt32: BlockingClient] = [:]
  private var words: [UInt64] = []

  init(of cluster: ByzantineTestCluster, _ number: Int = 0) throws {
    self.cluster = cluster
    key = cluster.clients[number]
    for node in cluster.nodes where node.isRunning { try connect(to: node.id) }
  }

  /// Connects anew, and attaches to whatever was attached to.
  func connect(to id: UInt32) throws {
    let link = try Self.link(of: cluster, id, key)
    for word in words { try Self.attach(link, to: word) }
    links[id] = link
  }

  func disconnect(from id: UInt32) { links[id] = nil }

  static func link(
    of cluster: ByzantineTestCluster,
    _ id: UInt32,
    _ key: PrivateKey
  ) throws -> BlockingClient {
    let place = Int(id) - 1
    let address = cluster.genesis.configuration.seats[place].clientAddress
    let link = try BlockingClient(address, patienceSeconds: 20)
    try link.secure(with: TLSEndpoint(key: key).connect(to: cluster.keys[place].publicKey))
    try link.greet()
    return link
  }

  private static func attach(_ link: BlockingClient, to word: UInt64) throws {
    try link.send(frame(.attach, 1) { $0.write(word) })
    // Replies to what was asked before may still come.
    while true {
      let (bytes, frame) = try link.nextFrame()
      guard FrameKind(rawValue: frame.head.kind) != .orderedReply else { continue }
      return XCTAssertEqual(try Reply(in: bytes, frame).body, .done)
    }
  }

  /// Whether anything of what was ordered comes before the answer to another question.
  func isToldMore(by id: UInt32) throws -> Bool {
    let link = try XCTUnwrap(links[id])
    try link.send(Self.frame(.attach, 1) { $0.write(UInt64(99)) })
    return try FrameKind(rawValue: link.nextFrame().1.head.kind) == .orderedReply
  }

  static func frame(
    _ kind: FrameKind,
    _ requestID: UInt64,
    _ payload: (inout ByteWriter) -> Void
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeFrame(FrameHead(kind: kind.rawValue, requestID: requestID)) { payload(&$0) }
    return writer.bytes
  }

  func attach(to word: UInt64) throws {
    words.append(word)
    for id in links.keys.sorted() { if let link = links[id] { try Self.attach(link, to: word) } }
  }

  func envelope(_ requests: [ClientRequest]) -> SignedEnvelope {
    SignedEnvelope(requests, by: key, in: cluster.genesis.cluster, SHA256Digester())
  }

  /// Sends an envelope to some nodes, or to all that are connected.
  func send(_ envelope: SignedEnvelope, to ids: [UInt32]? = nil) throws {
    let bytes = Self.frame(.envelope, 7) { $0.write(envelope) }
    for id in ids ?? links.keys.sorted() { try links[id]?.send(bytes) }
  }

  /// The next reply that a node gives to a request.
  func reply(to key: RequestKey, from id: UInt32) throws -> OrderedReply {
    let link = try XCTUnwrap(links[id])
    while true {
      let (bytes, frame) = try link.nextFrame()
      guard FrameKind(rawValue: frame.head.kind) == .orderedReply else { continue }
      var reader = ByteReader(bytes, frame.payload)
      let reply = try OrderedReply(from: &reader)
      if reply.requestKind == key.kind.rawValue, reply.session == key.session,
        reply.sequence == key.sequence
      {
        return reply
      }
    }
  }

  /// What f+1 nodes say alike; those of `ids` are asked.
  func answer(to key: RequestKey, from ids: [UInt32]? = nil) throws -> OrderedReply {
    let f = (cluster.nodes.count - 1) / 3
    var replies: [OrderedReply] = []
    for id in ids ?? links.keys.sorted() {
      var reply = try reply(to: key, from: id)
      reply.view = 0
      replies.append(reply)
      if replies.count(where: { $0 == reply }) > f { return reply }
    }
    XCTFail("no \(f + 1) equal answers: \(replies)")
    throw BlockingClient.Failure.silent
  }

  /// What a node signs of a write; nil if it refuses.
  func receipt(for key: RequestKey, from id: UInt32) throws -> [UInt8]? {
    let link = try XCTUnwrap(links[id])
    let bytes = Self.frame(.receipt, 9) {
      $0.write(key.session)
      $0.write(key.sequence)
    }
    try link.send(bytes)
    while true {
      let (bytes, frame) = try link.nextFrame()
      guard FrameKind(rawValue: frame.head.kind) != .orderedReply else { continue }
      guard case .result(let receipt) = try Reply(in: bytes, frame).body else { return nil }
      return receipt
    }
  }

  /// Asks some nodes, and then all: a node that has lost patience is alone with what only it knows
  /// of, until a client tells the others (PBFT §4.1).
  func order(_ request: ClientRequest, at ids: [UInt32]? = nil) throws -> OrderedReply {
    try order([request], at: ids)
  }

  /// The answer to the last of some requests.
  func order(_ requests: [ClientRequest], at ids: [UInt32]? = nil) throws -> OrderedReply {
    let envelope = envelope(requests)
    let key = try XCTUnwrap(requests.last).key
    try send(envelope, to: ids)
    do { return try answer(to: key) } catch BlockingClient.Failure.silent {
      try send(envelope)
      return try answer(to: key)
    }
  }

  func openSession(nonce: UInt64 = 42) throws -> UInt64 {
    try attach(to: nonce)
    let reply = try order(ClientRequest(.register, session: nonce))
    guard case .session(let session) = reply.body else {
      XCTFail("a session: \(reply)")
      throw BlockingClient.Failure.silent
    }
    try attach(to: session)
    return session
  }

  func put(
    _ session: UInt64,
    _ sequence: UInt64,
    _ key: UInt8,
    _ value: [UInt8],
    answeredThrough: UInt64 = 0
  ) -> ClientRequest {
    let command = Command(
      place: Place(collection: "kv"),
      operation: .kvPut(key: [key], value: value)
    )
    return ClientRequest(
      .write,
      session: session,
      sequence: sequence,
      answeredThrough: answeredThrough,
      command: Bytes(command.encoded())
    )
  }

  func get(_ session: UInt64, _ number: UInt64, _ key: UInt8) -> ClientRequest {
    let query = Query(.kvGet(Place(collection: "kv"), key: [key]))
    return ClientRequest(
      .read,
      session: session,
      sequence: number,
      command: Bytes(query.encoded())
    )
  }

  /// What a node says by itself.
  func readFast(_ key: UInt8, from id: UInt32) throws -> [UInt8]? {
    let link = try XCTUnwrap(links[id])
    let query = Query(.kvGet(Place(collection: "kv"), key: [key]))
    try link.send(Self.frame(.fastRead, 9) { $0.writeRaw(query.encoded()) })
    guard case .result(let bytes) = try link.replyPastOrdered(to: 9).body,
      case .item(let item) = try QueryReply(decoding: bytes)
    else { return nil }
    return item?.bytes.array
  }

  func value(in reply: OrderedReply) throws -> [UInt8]? {
    guard case .result(let bytes) = reply.body,
      case .item(let item) = try QueryReply(decoding: bytes)
    else { return nil }
    return item?.bytes.array
  }
}

extension BlockingClient {
  /// The answer to a request of its own; replies from the order may come before it.
  func replyPastOrdered(to requestID: UInt64) throws -> Reply {
    while true {
      let (bytes, frame) = try nextFrame()
      guard FrameKind(rawValue: frame.head.kind) != .orderedReply,
        frame.head.requestID == requestID
      else { continue }
      return try Reply(in: bytes, frame)
    }
  }

  func askPastOrdered(_ request: Request) throws -> Reply {
    try replyPastOrdered(to: post(request))
  }
}
