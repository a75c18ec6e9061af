import ClientProtocol
import Consensus
import SymbolicCrypto
import Synchronization
import Transport
import Wire

/// A member of a cluster of fake replicas on a loopback port; it may lie.
final class FakeReplica: Sendable {
  /// What a replica does with what it should do.
  enum Manner: Sendable {
    /// Orders what arrives, and says what became of it.
    case honest
    /// Takes everything and says nothing.
    case silent
    /// Orders nothing itself, and says what this makes of the truth.
    case lying(@Sendable (OrderedReply) -> [OrderedReply])
    /// Refuses every envelope at once.
    case refusing(ErrorCode)
    /// Answers an envelope with bytes that are no frame.
    case babbling
    /// Answers whoever does not speak TLS as a node of mode bft does.
    case securing
    /// Opens sessions, and says nothing of what is asked in them.
    case registering
    /// Orders what arrives, and says of each write of this session that there is no such session.
    case forgetting(session: UInt64)
    /// Reads nothing after the first envelope.
    case deaf
  }

  /// What other threads tell it.
  enum Note: Sendable {
    case stop
    case behave(Manner)
    case ordered([OrderedReply])
    /// Nobody listens any more: others have come since.
    case letGo
  }

  let id: UInt32
  private let thread: LoopThread<Note>
  private let log: Mutexed<Received>

  /// What has arrived.
  struct Received: Sendable {
    var envelopes: [SignedEnvelope] = []
    var words: [UInt64] = []
    var requests: [Request] = []
  }

  init(_ id: UInt32, of cluster: FakeReplicas.World, _ manner: Manner) throws {
    let received = Mutexed(Received())
    self.id = id
    thread = try LoopThread(name: "fake-replica") { loop, notes in
      let replica = FakeReplicaLoop(loop, notes, id, cluster, received)
      replica.manner = manner
      return replica
    }
    log = received
  }

  var port: UInt16 { thread.port }
  var envelopes: [SignedEnvelope] { log.value.withLock(\.envelopes) }
  /// The writes that have arrived, once or more often.
  var writes: Set<RequestKey> {
    Set(envelopes.flatMap(\.requests).filter { $0.kind == .write }.map(\.key))
  }
  var requests: [Request] { log.value.withLock(\.requests) }
  /// What clients listened for, once for each connection.
  var words: [UInt64] { log.value.withLock(\.words) }

  func tell(_ note: Note) { thread.tell(note) }

  func stop() { thread.end(.stop) }
}

private final class FakeReplicaLoop: FramePeer {
  private let loop: EventLoop
  private let mailbox: Mailbox<FakeReplica.Note>
  private let id: UInt32
  private let cluster: FakeReplicas.World
  private let log: Mutexed<FakeReplica.Received>
  private var clients: [(connection: Connection, words: [UInt64])] = []
  var manner = FakeReplica.Manner.honest

  init(
    _ loop: EventLoop,
    _ mailbox: Mailbox<FakeReplica.Note>,
    _ id: UInt32,
    _ cluster: FakeReplicas.World,
    _ log: Mutexed<FakeReplica.Received>
  ) {
    self.loop = loop
    self.mailbox = mailbox
    self.id = id
    self.cluster = cluster
    self.log = log
  }

  func mailArrived() {
    var notes: [FakeReplica.Note] = []
    mailbox.take(into: &notes)
    for note in notes {
      switch note {
      case .stop: loop.stop()
      case .behave(let manner): self.manner = manner
      case .ordered(let replies): say(replies)
      case .letGo: for place in clients.indices { clients[place].words = [] }
      }
    }
  }

  func connectionOpened(_ connection: Connection) { clients.append((connection, [])) }

  func connectionClosed(_ connection: Connection, reason: CloseReason) {
    clients.removeAll { $0.connection === connection }
  }

  func receive(_ frame: FrameView, _ bytes: [UInt8], _ connection: Connection) throws {
    var reader = ByteReader(bytes, frame.payload)
    switch FrameKind(rawValue: frame.head.kind) {
    case .hello:
      if case .securing = manner {
        try connection.send([21, 3, 3, 0, 2, 2, 10])
        return connection.finish()
      }
      let card = NodeCard(id: id, incarnation: 1, boot: 1, durablePosition: 0)
      let ack = HelloAck(
        version: 1,
        clusterHigh: cluster.cluster.high,
        clusterLow: cluster.cluster.low,
        node: card
      )
      try connection.send(Samples.frame { ack.writeFrame(into: &$0) })
    case .attach:
      let word = try reader.read(UInt64.self)
      for place in clients.indices where clients[place].connection === connection {
        clients[place].words.append(word)
      }
      log.value.withLock { $0.words.append(word) }
      try answer(.done, frame.head.requestID, connection)
    case .receipt:
      if case .refusing(let code) = manner {
        return try answer(Samples.refused(code), frame.head.requestID, connection)
      }
      var part = [UInt8(id)]
      if case .lying = manner { part = [UInt8](repeating: 6, count: 4 << 20) }
      try answer(.result(part), frame.head.requestID, connection)
    case .envelope: try order(try reader.read(), frame.head.requestID, connection)
    case .fastRead:
      if case .silent = manner { return }
      var body = cluster.order.answer(Array(bytes[frame.payload]))
      if case .lying = manner { body = Samples.item([6, 6, 6]) }
      try answer(body, frame.head.requestID, connection)
    default:
      let request = try Request(in: bytes, frame)
      log.value.withLock { $0.requests.append(request) }
      let body: Reply.Body =
        switch (request, manner) {
        case (.status, .refusing(let code)): Samples.refused(code)
        case (.status, _): Samples.status(id)
        // Node 1 leads, as every head says.
        case (.transferLeader, _) where id != 1: Samples.refused(.notLeader)
        default: .done
        }
      try answer(body, frame.head.requestID, connection)
    }
  }

  private func order(
    _ envelope: SignedEnvelope,
    _ requestID: UInt64,
    _ connection: Connection
  ) throws {
    let signed = envelope.signedBytes(in: cluster.cluster, cluster.digester)
    guard cluster.keys.isValid(envelope.signature, of: signed, by: envelope.client) else {
      fatalError("the client signs what it does not say")
    }
    log.value.withLock { $0.envelopes.append(envelope) }
    switch manner {
    case .honest, .forgetting: cluster.tellAllInTime(.ordered(cluster.order.order(envelope)))
    case .registering where envelope.requests.allSatisfy { $0.kind == .register }:
      cluster.tellAllInTime(.ordered(cluster.order.order(envelope)))
    case .silent, .lying, .securing, .registering: break
    case .deaf: connection.pauseReading()
    case .refusing(let code): try answer(Samples.refused(code), requestID, connection)
    case .babbling: try connection.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
    }
  }

  /// Tells whoever has attached what was ordered, in this replica's manner.
  private func say(_ replies: [OrderedReply]) {
    var said: [OrderedReply]
    switch manner {
    case .honest: said = replies
    case .lying(let lie): said = replies.flatMap(lie)
    case .registering:
      said = replies.filter { $0.requestKind == ClientRequest.Kind.register.rawValue }
    case .forgetting(let session):
      said = replies.map { reply in
        var reply = reply
        if reply.session == session { reply.body = Samples.refused(.sessionExpired) }
        return reply
      }
    case .silent, .refusing, .babbling, .securing, .deaf: said = []
    }
    for client in clients where client.connection.isOpen {
      for reply in said where client.words.contains(reply.session) {
        try? client.connection.send(Samples.frame { reply.writeFrame(into: &$0) })
      }
    }
  }

  private func answer(_ body: Reply.Body, _ requestID: UInt64, _ connection: Connection) throws {
    let head = Reply.Head(node: id, leader: 1, leaderAddress: "", revision: 50)
    try connection.send(
      Samples.frame { Reply(head, body).writeFrame(into: &$0, requestID: requestID) }
    )
  }
}
