import ClientProtocol
import Consensus
import Crypto
import Wire
import XCTest

@testable import Server

final class ByzantineServerTests: XCTestCase {
  func withCluster(
    of count: Int,
    options adjust: @escaping (inout ServerOptions) -> Void = { _ in },
    _ body: (ByzantineTestCluster) throws -> Void
  ) throws {
    let cluster = try ByzantineTestCluster(count: count, options: adjust)
    defer { cluster.stopAll() }
    try cluster.startAll()
    try body(cluster)
  }

  func test_fourNodes_whenEnvelopesCome_answerAlike() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      let requests = (1...16).map { client.put(session, UInt64($0), UInt8($0), [UInt8($0), 9]) }

      let last = try client.order(requests, at: [1])
      let read = try client.order(client.get(session, 1, 7), at: [1])

      guard case .result(let bytes) = last.body,
        case .written = try CommandReply(decoding: bytes)
      else { return XCTFail("\(last)") }
      XCTAssertEqual(try client.value(in: read), [7, 9])
      XCTAssertGreaterThan(read.index, last.index)
    }
  }

  func test_sevenNodes_whenThePrimaryAndAnotherEnd_answerAlike() throws {
    try withCluster(of: 7) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      _ = try client.order(client.put(session, 1, 1, [5]))

      for id: UInt32 in [7, 1] {
        cluster.stop(id)
        client.disconnect(from: id)
      }
      let put = try client.order(client.put(session, 2, 2, [6]))
      let read = try client.order(client.get(session, 1, 1))

      guard case .result = put.body else { return XCTFail("\(put)") }
      XCTAssertEqual(try client.value(in: read), [5])
    }
  }

  func test_oneNode_whenEnvelopesCome_answers() throws {
    try withCluster(of: 1) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()

      _ = try client.order(client.put(session, 1, 1, [5]))
      let read = try client.order(client.get(session, 1, 1))

      XCTAssertEqual(try client.value(in: read), [5])
    }
  }

  func test_session_whenManyConnectionsAttach_isToldToTheNewestFew() throws {
    try withCluster(of: 1) { cluster in
      let clients = try (0..<6).map { _ in try ByzantineTestClient(of: cluster) }
      let session = try clients[5].openSession()
      for client in clients.prefix(5) { try client.attach(to: session) }
      let request = clients[0].put(session, 1, 1, [5])

      try clients[4].send(clients[4].envelope([request]))

      for client in clients[1...4] { _ = try client.reply(to: request.key, from: 1) }
      for client in [clients[0], clients[5]] {
        XCTAssertFalse(try client.isToldMore(by: 1), "others have come since")
      }
    }
  }

  func test_session_whenAttachedToAgain_isNotTheOldestThatIsLetGo() throws {
    try withCluster(of: 1) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      for word: UInt64 in 1...40 { try client.attach(to: word) }
      try client.attach(to: session)
      for word: UInt64 in 41...100 { try client.attach(to: word) }

      let reply = try client.order(client.put(session, 1, 1, [5]))

      guard case .result = reply.body else { return XCTFail("\(reply)") }
    }
  }

  func test_envelope_atABackup_isOrdered() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()

      let reply = try client.order(client.put(session, 1, 1, [5]), at: [3])

      guard case .result = reply.body else { return XCTFail("\(reply)") }
    }
  }

  func test_write_whenSentAgain_isAnsweredAlikeAndAppliedOnce() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      let put = client.put(session, 1, 1, [5])

      let first = try client.order(put, at: [1])
      for id: UInt32 in [3, 4] { _ = try client.reply(to: put.key, from: id) }
      let second = try client.order(put)

      XCTAssertEqual(first, second)
    }
  }

  func test_primary_whenItEnds_isReplacedAndComesBack() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      _ = try client.order(client.put(session, 1, 1, [5]))

      cluster.stop(1)
      client.disconnect(from: 1)
      let reply = try client.order(client.put(session, 2, 2, [6]))
      try cluster.start(1)
      try client.connect(to: 1)
      let late = client.put(session, 3, 3, [7])
      try client.send(client.envelope([late]))
      let own = try client.reply(to: late.key, from: 1)

      guard case .result = reply.body else { return XCTFail("\(reply)") }
      XCTAssertTrue(cluster.nodes[1].log.contain("event=pbft.view.changed"))
      XCTAssertGreaterThan(own.view, 0)
    }
  }

  /// A quorum of equal words needs no place in the order.
  func test_fastRead_atEachNode_isAnsweredAlike() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      let put = client.put(session, 1, 1, [5])
      try client.send(client.envelope([put]))
      for id: UInt32 in 1...4 { _ = try client.reply(to: put.key, from: id) }

      // On a busy machine a node may not be done with what it promised in time, and says so.
      for id: UInt32 in 1...4 {
        var answer: [UInt8]?
        try wait(for: "an answer") {
          answer = try client.readFast(1, from: id)
          return answer != nil
        }
        XCTAssertEqual(answer, [5], "node \(id)")
      }
    }
  }

  func test_fastReads_beyondTheShareOfAClient_areRefused() throws {
    let adjust: (inout ServerOptions) -> Void = { $0.clients.readsPerClientMax = 1 }
    try withCluster(of: 1, options: adjust) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      _ = try client.order(client.put(session, 1, 1, [5]))
      let link = try XCTUnwrap(client.links[1])
      let query = Query(.kvGet(Place(collection: "kv"), key: [1])).encoded()

      let frames = [21, 22].map { ByzantineTestClient.frame(.fastRead, $0) { $0.writeRaw(query) } }
      try link.send(frames[0] + frames[1])
      let refused = try link.replyPastOrdered(to: 22)

      guard case .error(let error) = refused.body else { return XCTFail("\(refused)") }
      XCTAssertEqual(error.code, .overloaded)
      XCTAssertEqual(error.outcome, .notApplied)
      try wait(for: "the first to be answered") { try client.readFast(1, from: 1) == [5] }
    }
  }

  /// Nobody is suspected for its slowness, and a farewell takes as long as a busy machine needs.
  private static func patient(_ options: inout ServerOptions) {
    options.viewTimeoutMicroseconds = 60_000_000
    options.farewellMicroseconds = 10_000_000
  }

  func test_primary_whenToldToStop_handsOver() throws {
    try withCluster(of: 4, options: Self.patient) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()

      cluster.stop(1)
      client.disconnect(from: 1)
      let reply = try client.order(client.put(session, 1, 1, [5]))

      guard case .result = reply.body else { return XCTFail("\(reply)") }
      XCTAssertTrue(cluster.nodes[0].log.contain("event=pbft.primary.changed primary=n2"))
      XCTAssertTrue(cluster.nodes[0].log.contain("event=server.stopped"))
    }
  }

  func test_leadership_whenAskedFor_goesOver() throws {
    try withCluster(of: 4, options: Self.patient) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()
      let before = try client.order(client.put(session, 1, 1, [5]))

      let link = try XCTUnwrap(client.links[1])
      // Refused until it has heard the others lately.
      try wait(for: "the primary to hand over") {
        let body = try link.askPastOrdered(.transferLeader(target: 0)).body
        guard case .error(let refused) = body else { return body == .done }
        return refused.code == .notLeader
      }
      let put = client.put(session, 2, 1, [6])
      try client.send(client.envelope([put]))
      let after = try client.reply(to: put.key, from: 2)

      XCTAssertGreaterThan(after.view, before.view)
    }
  }

  func test_manyBlocks_whenCheckpointsPass_areOrdered() throws {
    try withCluster(of: 4) { cluster in
      let client = try ByzantineTestClient(of: cluster)
      let session = try client.openSession()

      for number in 1...300 as ClosedRange<UInt64> {
        let put = client.put(session, number, 1, [1], answeredThrough: number - 1)
        _ = try client.order(put, at: [1])
      }
      let status = try XCTUnwrap(client.links[2]?.askPastOrdered(.status))

      guard case .status(let status) = status.body, let standing = status.byzantine else {
        return XCTFail("\(status)")
      }
      XCTAssertGreaterThan(standing.lowWatermark, 0)
    }
  }

  func test_wholeCluster_whenRestarted_goesOn() throws {
    try withCluster(of: 4) { cluster in
      let before = try ByzantineTestClient(of: cluster)
      let session = try before.openSession()
      let put = before.put(session, 1, 1, [5])
      let first = try before.order(put)
      for node in cluster.nodes { cluster.stop(node.id) }

      try cluster.startAll()
      let client = try ByzantineTestClient(of: cluster)
      try client.attach(to: session)
      let again = try client.order(put)
      let read = try client.order(client.get(session, 1, 1))

      XCTAssertEqual(again, first)
      XCTAssertEqual(try client.value(in: read), [5])
    }
  }
}
