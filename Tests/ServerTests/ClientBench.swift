import ClientProtocol
import Consensus
import Foundation
import Replication
import Wire
import XCTest

@testable import Server
@testable import Transport

/// Client traffic on a loop that the test turns by hand, before an owner that only takes notes.
///
/// The clients are real sockets of the same thread; time is whatever the test says.
final class ClientBench {
  let loop: EventLoop
  let owner = NotingOwner()
  let traffic: ClientTraffic
  let address: String
  /// Whether streams go on by themselves.
  var isPumping = true

  init(_ adjust: (inout ClientLimits) -> Void = { _ in }) throws {
    var limits = ClientLimits()
    adjust(&limits)
    loop = try EventLoop(waker: Waker())
    traffic = ClientTraffic(
      loop: loop,
      identity: Identity(
        cluster: ClusterID(high: 7, low: 8),
        member: Member(id: NodeID(1), incarnation: Incarnation(1)),
        boot: 1
      ),
      limits: limits,
      owner: owner,
      log: EventLog(format: .logfmt, node: 1, sink: .lines { _ in })
    )
    // A waiting test is turned on without a pause, from the first turn on.
    _ = loop.schedule(at: loop.turnStart, token: 0)
    let any = try SocketAddress(parsing: "127.0.0.1:0")
    let listener = try loop.listen(on: any, connectionsMax: 100, delegate: traffic.port)
    address = listener.address.description
  }

  deinit { loop.close() }

  /// Turns the loop until something is so; it gives up after a minute.
  func turn(until isTrue: () -> Bool, file: StaticString = #filePath, line: UInt = #line) throws {
    let deadline = Date() + 60
    repeat {
      try loop.turn(self)
      if isTrue() { return }
    } while Date() < deadline
    XCTFail("in vain", file: file, line: line)
  }

  /// Turns the loop often and long enough for anything that was sent to arrive.
  func settle() throws {
    for _ in 0..<10 {
      Thread.sleep(forTimeInterval: 0.001)
      try loop.turn(self)
    }
  }

  /// A client whose hello was taken.
  func greetedClient() throws -> BlockingClient {
    let client = try BlockingClient(address)
    try client.say(Hello(speaker: .client(name: "test")))
    let before = traffic.clients.values.count { $0.hasSaidHello }
    try turn { traffic.clients.values.count { $0.hasSaidHello } > before }
    try client.takeAck()
    return client
  }

  /// Begins so many streams of a client, with these cursors, each of which may send many pages.
  func beginStreams(_ cursors: [UInt64], of client: BlockingClient) throws {
    let before = owner.reads.count
    let scan = Request.read(ReadRequest(.linearizable, streamCredit: 60_000, query: [1]))
    try client.post([Request](repeating: scan, count: cursors.count))
    try turn { owner.reads.count == before + cursors.count }
    for (place, cursor) in cursors.enumerated() { answerRead(before + place, withCursor: cursor) }
  }

  /// The node answers one of the reads that it was asked for with a page, behind which this cursor
  /// goes on.
  func answerRead(_ place: Int, withCursor cursor: UInt64, at index: UInt64 = 1) {
    let answer = ReplicaReply.answer(index: LogIndex(index), bytes: page(cursor: cursor))
    traffic.answer([.init(answer, to: owner.reads[place].token)])
  }

  func page(cursor: UInt64) -> [UInt8] {
    QueryReply.page(.init(atRevision: 1, cursor: cursor, entries: [])).encoded()
  }
}

extension ClientBench: EventLoopDelegate {
  func mailArrived() {}
  func timerFired(_ token: UInt64) {}
  func acceptingPaused(_ listener: Listener, because error: TransportError) {}

  func turnEnded() {
    traffic.port.countOutBytes()
    if isPumping { _ = traffic.pumpStreams() }
    _ = loop.schedule(at: loop.turnStart, token: 0)
  }
}

/// Notes what client traffic asks of the node.
final class NotingOwner: ClientTrafficOwner {
  var submitted: [(request: ClientRequest, token: ReplyToken)] = []
  var reads: [(deadline: UInt64, token: ReplyToken)] = []
  var abandoned: [ReplyToken] = []
  var continued: [Query.Question] = []
  var nextPage: [UInt8] = []
  /// Where it is set, every scan goes on for ever, in pages of this size.
  var pageSize: Int?

  func submit(_ request: ClientRequest, mayForward: Bool, token: ReplyToken) {
    submitted.append((request, token))
  }

  func read(_ request: ReadRequest, deadlineMicroseconds: UInt64, token: ReplyToken) {
    reads.append((deadlineMicroseconds, token))
  }

  func abandon(_ tokens: [ReplyToken]) { abandoned += tokens }

  func continueScan(_ query: [UInt8]) -> [UInt8] {
    guard let question = try? Query(decoding: query).question else { return nextPage }
    continued.append(question)
    guard let pageSize, case .next(let cursor) = question else { return nextPage }
    let value = Bytes([UInt8](repeating: 7, count: pageSize))
    let entry = QueryReply.Entry(key: [1], item: QueryReply.Item(revision: 1, bytes: value))
    return QueryReply.page(.init(atRevision: 1, cursor: cursor, entries: [entry])).encoded()
  }

  func objection(toTransferTo target: NodeID) -> (code: ErrorCode, message: String)? { nil }

  func transferLeadership(to target: NodeID?, token: ReplyToken) {}
  func changeMembers(_ change: MemberChange, token: ReplyToken) {}

  func nodeStatus() -> NodeStatus {
    NodeStatus(id: 1, processID: 1, role: .leader, term: 1)
  }

  func card() -> NodeCard {
    NodeCard(id: 1, incarnation: 1, boot: 1, durablePosition: 0)
  }

  func replyHead() -> Reply.Head {
    Reply.Head(node: 1, leader: 1, leaderAddress: "", revision: 0)
  }

  func explain(_ refusal: Refusal) -> Reply.Refused { refusal.error }
}
