import ClientProtocol
import Synchronization
import Transport
import Wire

/// A node on a loopback port that answers by a script, and can be as unhelpful as a real one.
final class FakeNode: Sendable {
  /// What a node does with a request.
  enum Reaction: Sendable {
    /// Answers, naming this node as the leader.
    case answer(Reply.Body)
    /// Answers and names another leader.
    case answerNaming(leader: UInt32, address: String, Reply.Body)
    /// Answers with several frames.
    case pages([[UInt8]])
    /// Answers with several frames and leaves it open whether more follow.
    case pagesWithoutEnd([[UInt8]])
    /// Sends the same answer twice.
    case answerTwice(Reply.Body)
    /// Says nothing.
    case silence
    /// Breaks the connection off.
    case disconnect
    /// Says nothing to anybody any more, as a stopped process does.
    case freeze
  }

  typealias Script = @Sendable (Request, _ count: Int) -> Reaction

  private let thread: LoopThread<Bool>
  private let log: Log

  final class Log: Sendable {
    let requests = Mutex<[Request]>([])
    let connections = Mutex<Int>(0)
  }

  init(
    id: UInt32 = 1,
    of place: (cluster: UInt64, port: UInt16) = (7, 0),
    refusing refusal: ErrorCode? = nil,
    window: UInt32 = Limits.requestsInFlightMax,
    _ script: @escaping Script
  ) throws {
    let log = Log()
    let card = NodeCard(id: id, incarnation: 1, boot: 1, durablePosition: 0)
    var greeting = HelloAck(version: 1, clusterHigh: place.cluster, clusterLow: 0, node: card)
    greeting.window = window
    let ack = greeting
    thread = try LoopThread(name: "fake-node", port: place.port) { loop, _ in
      FakeNodeLoop(loop, ack, log, refusal, script)
    }
    self.log = log
  }

  /// Where it listens.
  var port: UInt16 { thread.port }

  /// Every request but pings and statuses, in order of arrival.
  var requests: [Request] {
    log.requests.withLock { $0 }
  }

  /// How many connections were greeted.
  var connections: Int { log.connections.withLock { $0 } }

  var address: String { "127.0.0.1:\(port)" }

  /// The writes among the requests.
  var writes: [WriteRequest] {
    requests.compactMap { if case .write(let write) = $0 { write } else { nil } }
  }

  /// The writes, each once: where the node is silent for a moment, a client sends it again.
  var distinctWrites: [WriteRequest] {
    var known: Set<[UInt64]> = []
    return writes.filter { known.insert([$0.session, $0.sequence]).inserted }
  }

  /// Ends the node as a crash would, and waits until its port is free.
  func stop() { thread.end(true) }
}

private final class FakeNodeLoop: FramePeer {
  private let loop: EventLoop
  private let ack: HelloAck
  private let log: FakeNode.Log
  private let script: FakeNode.Script
  private var isFrozen = false
  /// Why every hello is refused, if it is.
  private let refusal: ErrorCode?

  init(
    _ loop: EventLoop,
    _ ack: HelloAck,
    _ log: FakeNode.Log,
    _ refusal: ErrorCode?,
    _ script: @escaping FakeNode.Script
  ) {
    self.loop = loop
    self.ack = ack
    self.log = log
    self.refusal = refusal
    self.script = script
  }

  func mailArrived() { loop.stop() }

  func receive(_ frame: FrameView, _ bytes: [UInt8], _ connection: Connection) throws {
    guard frame.head.kind == FrameKind.hello.rawValue else {
      return try react(to: Request(in: bytes, frame), frame.head.requestID, connection)
    }
    if let refusal {
      let head = Reply.Head(node: 0, leader: 0, leaderAddress: "", revision: 0)
      try send(Reply(head, Samples.refused(refusal)), 0, connection)
      connection.finish()
    } else if !isFrozen {
      log.connections.withLock { $0 += 1 }
      try connection.send(Samples.frame { ack.writeFrame(into: &$0) })
    }
  }

  private func react(
    to request: Request,
    _ requestID: UInt64,
    _ connection: Connection
  ) throws {
    guard !isFrozen else { return }
    let reaction: FakeNode.Reaction
    switch request {
    case .ping: reaction = .answer(.done)
    case .status where requestID == 0: reaction = script(request, -1)
    default:
      let count = log.requests.withLock { requests in
        requests.append(request)
        return requests.count
      }
      reaction = script(request, count)
    }
    try carryOut(reaction, requestID, connection)
  }

  private func carryOut(
    _ reaction: FakeNode.Reaction,
    _ requestID: UInt64,
    _ connection: Connection
  ) throws {
    let own = Reply.Head(node: ack.node.id, leader: ack.node.id, leaderAddress: "", revision: 50)
    switch reaction {
    case .answer(let body):
      try send(Reply(own, body), requestID, connection)
    case .answerNaming(let leader, let address, let body):
      let head = Reply.Head(
        node: ack.node.id,
        leader: leader,
        leaderAddress: address,
        revision: 0
      )
      try send(Reply(head, body), requestID, connection)
    case .pages(let pages):
      for page in pages.dropLast() {
        try send(Reply(own, .result(page)), requestID, connection, more: true)
      }
      try send(Reply(own, .result(pages.last ?? [])), requestID, connection)
    case .pagesWithoutEnd(let pages):
      for page in pages { try send(Reply(own, .result(page)), requestID, connection, more: true) }
    case .answerTwice(let body):
      try send(Reply(own, body), requestID, connection)
      try send(Reply(own, body), requestID, connection)
    case .silence: break
    case .disconnect: connection.close()
    case .freeze: isFrozen = true
    }
  }

  private func send(
    _ reply: Reply,
    _ requestID: UInt64,
    _ connection: Connection,
    more: Bool = false
  ) throws {
    try connection.send(
      Samples.frame { reply.writeFrame(into: &$0, requestID: requestID, more: more) }
    )
  }
}

/// Answers that a healthy node gives.
enum Samples {
  static func frame(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    write(&writer)
    return writer.bytes
  }

  static func status(_ id: UInt32 = 1) -> Reply.Body {
    .status(NodeStatus(id: id, processID: 1, role: .leader, term: 1))
  }

  static func written(_ revision: UInt64, id: [UInt8] = []) -> Reply.Body {
    .result(CommandReply.written(revision: revision, existedBefore: false, id: id).encoded())
  }

  static func item(_ bytes: [UInt8], revision: UInt64 = 3) -> Reply.Body {
    .result(QueryReply.item(.init(revision: revision, bytes: Bytes(bytes))).encoded())
  }

  static func refused(_ code: ErrorCode, outcome: RequestOutcome? = nil) -> Reply.Body {
    .error(.init(code, "the script says \(code.rawValue)", outcome: outcome))
  }

  /// The answer of a node where all goes well: session 41, revision 10, no documents.
  static func healthy(_ request: Request, id: UInt32 = 1) -> FakeNode.Reaction {
    switch request {
    case .openSession: .answer(.session(41))
    case .write: .answer(written(10))
    case .read: .answer(.result(QueryReply.item(nil).encoded()))
    case .outcome: .answer(.outcome(.neverApplied))
    case .status: .answer(status(id))
    case .closeSession, .transferLeader, .changeMembers, .ping: .answer(.done)
    case .credit, .cancel: .silence
    }
  }
}
