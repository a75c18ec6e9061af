import ClientProtocol
import Foundation
import Wire
import XCTest

@testable import Server

/// What tests of whole servers share.
class ServerTestCase: XCTestCase {
  func withCluster(
    of count: Int,
    segmentSizeBytes: Int = 1 << 20,
    options adjust: @escaping (inout ServerOptions) -> Void = { _ in },
    _ body: (TestCluster) throws -> Void
  ) throws {
    let cluster = try TestCluster(
      count: count,
      segmentSizeBytes: segmentSizeBytes,
      options: adjust
    )
    defer { cluster.stopAll() }
    try cluster.startAll()
    try body(cluster)
  }

  /// However slow the machine: who leads goes on leading, until the test ends that.
  static func keepLeader(_ options: inout ServerOptions) {
    options.raft.electionTimeoutMinMicroseconds = 1_000_000
    options.raft.electionTimeoutMaxMicroseconds = 2_000_000
  }

  func client(of cluster: TestCluster, _ id: UInt32) throws -> BlockingClient {
    let client = try BlockingClient(cluster.configuration.seats[Int(id) - 1].clientAddress)
    try client.greet()
    return client
  }

  /// Asks every node until one leads; a cluster that has none after a minute has failed.
  func leaderClient(of cluster: TestCluster) throws -> BlockingClient {
    let deadline = Date() + 60
    while Date() < deadline {
      for node in cluster.nodes where node.isRunning {
        guard let client = try? client(of: cluster, node.id),
          case .status(let status) = try? client.ask(.status).body, status.role == .leader,
          case .result = try? client.ask(readRequest([0])).body
        else { continue }
        return client
      }
    }
    throw BlockingClient.Failure.silent
  }

  /// A client of a node that follows this leader: a leader proves that a majority does, not which.
  func follower(of leaderID: UInt32, in cluster: TestCluster) throws -> BlockingClient {
    let follower = try client(of: cluster, leaderID == 1 ? 2 : 1)
    try wait(for: "the follower to follow") {
      try follower.ask(.status).head.leader == leaderID
    }
    return follower
  }

  /// Asks again while only the moment stands against it: on a slow machine leaders change without
  /// any cause, and what a node refuses then it takes a moment later.
  ///
  /// What is asked must be harmless twice.
  func askUntilAnswered(_ request: Request, _ client: BlockingClient) throws -> Reply {
    let deadline = Date() + 60
    while true {
      let reply = try client.ask(request, flags: .mayForward)
      guard case .error(let refused) = reply.body, refused.code.isRetryable, Date() < deadline
      else { return reply }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  func status(of client: BlockingClient) throws -> NodeStatus {
    let reply = try client.ask(.status)
    guard case .status(let status) = reply.body else { throw BlockingClient.Failure.silent }
    return status
  }

  func openSession(_ client: BlockingClient, nonce: UInt64 = 42) throws -> UInt64 {
    let reply = try askUntilAnswered(.openSession(nonce: nonce), client)
    guard case .session(let session) = reply.body else {
      XCTFail("a session: \(reply)")
      return 0
    }
    return session
  }

  func request(
    _ session: UInt64,
    _ sequence: UInt64,
    _ operation: Command.Operation
  ) -> WriteRequest {
    let command = Command(place: Place(collection: "kv"), operation: operation)
    return WriteRequest(
      session: session,
      sequence: sequence,
      answeredThrough: 0,
      command: Bytes(command.encoded())
    )
  }

  func write(
    _ client: BlockingClient,
    _ session: UInt64,
    _ sequence: UInt64,
    _ operation: Command.Operation
  ) throws -> CommandReply {
    let reply = try askUntilAnswered(.write(request(session, sequence, operation)), client)
    guard case .result(let bytes) = reply.body else {
      XCTFail("no result: \(reply)")
      throw BlockingClient.Failure.silent
    }
    return try CommandReply(decoding: bytes)
  }

  func readRequest(
    _ key: [UInt8],
    _ consistency: ReadRequest.Consistency = .linearizable
  ) -> Request {
    let query = Query(.kvGet(Place(collection: "kv"), key: key))
    return .read(ReadRequest(consistency, query: query.encoded()))
  }

  func readKey(_ key: [UInt8], _ client: BlockingClient) throws -> QueryReply {
    let reply = try askUntilAnswered(readRequest(key), client)
    guard case .result(let bytes) = reply.body else { return .names(["\(reply.body)"]) }
    return try QueryReply(decoding: bytes)
  }

  func keys(in reply: Reply) throws -> [UInt8] {
    guard case .result(let bytes) = reply.body,
      case .page(let page) = try QueryReply(decoding: bytes)
    else { return [] }
    return page.entries.compactMap(\.key.first)
  }
}

extension XCTestCase {
  /// Waits for what another thread brings about.
  ///
  /// It looks a thousand times in a second, as the servers need the processors, and gives up after
  /// a minute, which only a failure takes.
  func wait(
    for what: String,
    until isTrue: () throws -> Bool,
    file: StaticString = #filePath,
    line: UInt = #line
  ) rethrows {
    let deadline = Date() + 60
    while Date() < deadline {
      if try isTrue() { return }
      Thread.sleep(forTimeInterval: 0.001)
    }
    XCTFail("in vain: \(what)", file: file, line: line)
  }
}
