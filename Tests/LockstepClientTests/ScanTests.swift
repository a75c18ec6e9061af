import Wire
import BSON
import ClientProtocol
import Foundation
import XCTest

@testable import LockstepClient

final class ScanTests: XCTestCase {
  func test_scan_whenSeveralPagesCome_givesTheirItemsInOrder() async throws {
    let node = try FakeNode { request, _ in
      guard case .read = request else { return Samples.healthy(request) }
      return .pages([page(["a", "b"], cursor: 5), page([], cursor: 5), page(["c"], cursor: 0)])
    }
    defer { node.stop() }

    let found = try await Client.with("lockstep://\(node.address)") { db in
      try await db.collection("letters").scan().collect()
    }

    XCTAssertEqual(found.map(\.id), ["a", "b", "c"])
    XCTAssertEqual(found.map(\.revision), [4, 4, 4])
    XCTAssertEqual(found.first?.value["n"]?.int, 1)
    XCTAssertEqual(found.first?.servedBy, 1)
  }

  func test_scan_whenPagesAreRead_givesCreditForFurtherOnes() async throws {
    let node = try FakeNode { request, _ in
      guard case .read = request else { return Samples.healthy(request) }
      return .pages((0..<3).map { page(["\($0)"], cursor: 5) } + [page([], cursor: 0)])
    }
    defer { node.stop() }

    let found = try await Client.with("lockstep://\(node.address)") { db in
      try await db.collection("letters").scan().collect()
    }

    XCTAssertEqual(found.count, 3)
    guard case .read(let read)? = node.requests.first(where: \.isRead) else {
      return XCTFail("no read")
    }
    XCTAssertEqual(read.streamCredit, 4)
  }

  func test_scan_whenTheReaderStops_isCancelledOnTheNode() async throws {
    let unfinished = try FakeNode(id: 2) { request, _ in
      guard case .read = request else { return Samples.healthy(request) }
      return .pagesWithoutEnd([page(["a", "b"], cursor: 5)])
    }
    defer { unfinished.stop() }

    let client = try await Client.connect("lockstep://\(unfinished.address)")
    let first = try await client.collection("letters").scan().first()
    try await eventually("cancellation") { unfinished.requests.contains(.cancel) }
    await client.close()

    XCTAssertEqual(first?.id, "a")
  }

  func test_scan_whenTheClientIsBeingClosed_isRefused() async throws {
    let node = try FakeNode { request, _ in
      if case .write = request { .silence } else { Samples.healthy(request) }
    }
    defer { node.stop() }
    let client = try await Client.connect("lockstep://\(node.address)")
    async let write = failure { try await client.kv.put("k", [1], timeout: .seconds(3)) }
    try await eventually("write") { !node.writes.isEmpty }
    async let closing: Void = client.close()

    // The first ones may come before the order to close.
    var refusal: LockstepError?
    try await eventually("refusal") {
      refusal = await failure { try await client.collection("letters").scan().collect() }
      return refusal?.code == .clientClosed
    }

    XCTAssertEqual(refusal?.outcome, .notApplied)
    _ = await (write, closing)
  }

  func test_scan_whenTheNodeGoesAwayInTheMiddle_ends() async throws {
    let node = try FakeNode { request, _ in
      switch request {
      case .read: .pagesWithoutEnd([page(["a"], cursor: 5)])
      case .credit: .disconnect
      default: Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure { try await client.collection("letters").scan().collect() }
    await client.close()

    XCTAssertEqual(error?.code, .connectionLost)
    XCTAssertEqual(error?.outcome, .notApplied)
  }

  /// Nobody else can go on with its frozen state.
  func test_scan_whenTheNodeIsSilentForAWhile_waitsForIt() async throws {
    let node = try FakeNode { request, _ in
      switch request {
      case .read: return .pagesWithoutEnd([page(["a"], cursor: 5)])
      case .credit:
        Thread.sleep(forTimeInterval: 0.6)
        return .pages([page(["b"], cursor: 0)])
      default: return Samples.healthy(request)
      }
    }
    defer { node.stop() }

    let found = try await Client.with("lockstep://\(node.address)") { db in
      try await db.collection("letters").scan().collect()
    }

    XCTAssertEqual(found.map(\.id), ["a", "b"])
  }

  func test_scan_whenTheNodeSaysWhyNot_throwsIt() async throws {
    let failed = QueryReply.failed(.init(.unknownCollection, "there is no letters")).encoded()
    let node = try FakeNode { request, _ in
      if case .read = request { .answer(.result(failed)) } else { Samples.healthy(request) }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure { try await client.collection("letters").scan().collect() }
    await client.close()

    XCTAssertEqual(error?.code, .unknownCollection)
  }

  func test_scan_whenNoPageComes_endsAtItsDeadline() async throws {
    let node = try FakeNode { request, _ in
      if case .read = request { .silence } else { Samples.healthy(request) }
    }
    defer { node.stop() }

    let client = try await Client.connect("lockstep://\(node.address)")
    let error = await failure {
      try await client.kv.range(.prefix("k"), timeout: .milliseconds(80)).collect()
    }
    await client.close()

    XCTAssertEqual(error?.code, .deadlineExceeded)
  }

  func test_scan_whenTheLimitIsZero_asksNobody() async throws {
    let node = try FakeNode { request, _ in Samples.healthy(request) }
    defer { node.stop() }

    let found = try await Client.with("lockstep://\(node.address)") { db in
      try await db.collection("letters").scan(limit: 0).collect()
    }

    XCTAssertTrue(found.isEmpty)
    XCTAssertFalse(node.requests.contains(where: \.isRead))
  }

  func test_status_whenARemovedNodeStillCountsItself_goesByTheNewestWord() async throws {
    // Nobody listens there, as is heard at once; a name might be looked for a long time.
    func member(_ id: UInt32, _ seat: NodeStatus.Seat, _ port: UInt16) -> NodeStatus.Member {
      let place = "127.0.0.1:\(port)"
      return .init(id: id, incarnation: 7, seat: seat, clientAddress: place, peerAddress: place)
    }
    func node(_ id: UInt32, commit: UInt64, _ members: [NodeStatus.Member]) throws -> FakeNode {
      try FakeNode(id: id) { request, _ in
        guard case .status = request else { return Samples.healthy(request) }
        var status = NodeStatus(id: id, processID: id, role: .follower, term: 4)
        status.commitIndex = commit
        status.members = members
        return .answer(.status(status))
      }
    }
    let removed = try node(1, commit: 8, [member(1, .leaving, 1), member(9, .voter, 9)])
    let voter = try node(2, commit: 9, [member(2, .voter, 2)])
    defer {
      removed.stop()
      voter.stop()
    }

    let status = try await Client.with("lockstep://\(removed.address),\(voter.address)") { db in
      try await db.cluster.status(timeout: .seconds(5))
    }

    XCTAssertEqual(status.nodes.map(\.id), [1, 2])
    XCTAssertEqual(status.nodes.map(\.seat), [nil, "voter"])
  }

  func test_status_whenANodeIsDown_listsItWithoutFigures() async throws {
    let node = try FakeNode { request, _ in
      guard case .status = request else { return Samples.healthy(request) }
      var status = NodeStatus(id: 1, processID: 99, role: .leader, term: 4)
      status.members = [
        .init(
          id: 1,
          incarnation: 11,
          seat: .voter,
          clientAddress: "127.0.0.1:1",
          peerAddress: "127.0.0.1:2"
        ),
        .init(
          id: 2,
          incarnation: 22,
          seat: .joining,
          clientAddress: "127.0.0.1:1",
          peerAddress: "127.0.0.1:4"
        ),
      ]
      return .answer(.status(status))
    }
    defer { node.stop() }

    let status = try await Client.with("lockstep://\(node.address)") { db in
      try await db.cluster.status(timeout: .seconds(5))
    }

    XCTAssertEqual(status.leader, 1)
    XCTAssertEqual(status.nodes.map(\.id), [1, 2])
    XCTAssertEqual(status.nodes.first?.figures?.pid, 99)
    XCTAssertNil(status.nodes.last?.figures)
    XCTAssertEqual(status.nodes.map(\.seat), ["voter", "joining"])
  }
}

private func page(_ ids: [String], cursor: UInt64) -> [UInt8] {
  let document: [UInt8] = [12, 0, 0, 0, 0x10, 0x6E, 0, 1, 0, 0, 0, 0]
  let entries = ids.map {
    QueryReply.Entry(key: DocumentID($0).bytes, item: .init(revision: 4, bytes: Bytes(document)))
  }
  return QueryReply.page(.init(atRevision: 9, cursor: cursor, entries: entries)).encoded()
}
