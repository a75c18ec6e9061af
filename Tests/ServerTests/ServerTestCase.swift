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
          case .status(let status) = try client.ask(.status).body, status.role == .leader,
          case .item = try readKey([0], client)
        else { continue }
        return client
      }
    }
    throw BlockingClient.Failure.silent
  }

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

  func status(of client: BlockingClient) throws -> NodeStatus {
    let reply = try client.ask(.status)
    guard case .status(let status) = reply.body else { throw BlockingClient.Failure.silent }
    return status
  }

  func openSession(_ client: BlockingClient, nonce: UInt64 = 42) throws -> UInt64 {
    let reply = try client.ask(.openSession(nonce: nonce))
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
    let reply = try client.ask(.write(request(session, sequence, operation)))
    guard case .result(let bytes) = reply.body else {
      XCTFail("no result: \(reply)")
      throw BlockingClient.Failure.silent
    }
    return try CommandReply(decoding: bytes)
  }

  func readKey(_ key: [UInt8], _ client: BlockingClient) throws -> QueryReply {
    let query = Query(.kvGet(Place(collection: "kv"), key: key))
    let reply = try client.ask(.read(ReadRequest(.linearizable, query: query.encoded())))
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
