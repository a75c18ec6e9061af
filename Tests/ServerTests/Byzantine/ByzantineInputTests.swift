import ClientProtocol
import Consensus
import Crypto
import Wire
import XCTest

@testable import Server

/// Whoever sends what it should not pays for it alone: everybody else is served as before.
final class ByzantineInputTests: XCTestCase {
  /// One node is a whole cluster here: what is looked at are its doors.
  func withNode(_ body: (ByzantineTestCluster, ByzantineTestClient) throws -> Void) throws {
    let cluster = try ByzantineTestCluster(count: 1)
    defer { cluster.stopAll() }
    try cluster.startAll()
    let client = try ByzantineTestClient(of: cluster)
    try body(cluster, client)
    _ = try client.openSession(nonce: 99)
  }

  private func clientAddress(of cluster: ByzantineTestCluster) -> String {
    cluster.genesis.configuration.seats[0].clientAddress
  }

  private func peerAddress(of cluster: ByzantineTestCluster) -> String {
    cluster.genesis.configuration.seats[0].peerAddress
  }

  func test_stranger_withoutTLS_getsNoAnswer() throws {
    try withNode { cluster, _ in
      for address in [clientAddress(of: cluster), peerAddress(of: cluster)] {
        for words in ["GET / HTTP/1.1\r\n\r\n", String(repeating: "x", count: 100_000)] {
          let stranger = try BlockingClient(address)
          try? stranger.send(Array(words.utf8))

          XCTAssertTrue(stranger.isClosedByPeer(), address)
        }
      }
    }
  }

  func test_stranger_withAKeyOfItsOwn_isShownOut() throws {
    try withNode { cluster, _ in
      for address in [clientAddress(of: cluster), peerAddress(of: cluster)] {
        let key = try PrivateKey.generate()
        let stranger = try BlockingClient(address)
        let node = cluster.keys[0].publicKey
        try? stranger.secure(with: TLSEndpoint(key: key).connect(to: node))
        try? stranger.say(Hello(speaker: .client(name: "stranger")))

        XCTAssertTrue(stranger.isClosedByPeer(), address)
      }
    }
  }

  /// A client is no node, and its key does not open their door.
  func test_client_atThePeerPort_isShownOut() throws {
    try withNode { cluster, client in
      let node = cluster.keys[0].publicKey
      let visitor = try BlockingClient(peerAddress(of: cluster))
      try? visitor.secure(with: TLSEndpoint(key: client.key).connect(to: node))

      XCTAssertTrue(visitor.isClosedByPeer())
    }
  }

  func test_hello_ofAnotherCluster_isShownOut() throws {
    try withNode { cluster, client in
      let node = cluster.keys[0].publicKey
      let visitor = try BlockingClient(clientAddress(of: cluster))
      try visitor.secure(with: TLSEndpoint(key: client.key).connect(to: node))
      try visitor.say(Hello(clusterHigh: 1, clusterLow: 1, speaker: .client(name: "lost")))

      XCTAssertEqual(try visitor.nextError().code, .wrongCluster)
    }
  }

  /// Its keys and members may be the same: what else the files say must be, too.
  func test_member_ofAnotherGenesisFile_isShownOut() throws {
    let cluster = try ByzantineTestCluster(count: 4)
    defer { cluster.stopAll() }
    try cluster.start(1)
    func greeting(with digest: Digest?) throws -> BlockingClient {
      let (address, key) = (peerAddress(of: cluster), cluster.keys[0].publicKey)
      let link = try BlockingClient(address)
      try link.secure(with: TLSEndpoint(key: cluster.keys[1]).connect(to: key))
      let card = NodeCard(id: 2, incarnation: 1, boot: 1, durablePosition: 0)
      let name = cluster.genesis.cluster
      var hello = Hello(clusterHigh: name.high, clusterLow: name.low, speaker: .peer(card))
      hello.genesisDigest = digest?.bytes
      try link.say(hello)
      return link
    }

    let other = try greeting(with: Digest(bytes: [UInt8](repeating: 1, count: 32)))
    XCTAssertEqual(try other.nextError().code, .wrongCluster)
    let same = try greeting(with: .zero)
    try same.takeAck()
    XCTAssertEqual(same.ack?.genesisDigest, Digest.zero.bytes)
    try greeting(with: nil).takeAck()
  }

  func test_envelope_ofAnotherClient_isRefused() throws {
    try withNode { cluster, client in
      let other = try ByzantineTestClient(of: cluster, 1)
      let link = try XCTUnwrap(client.links[1])

      try client.send(other.envelope([ClientRequest(.register, session: 5)]))

      XCTAssertEqual(try link.nextError().code, .unauthorized)
    }
  }

  func test_envelope_thatIsForged_isRefused() throws {
    try withNode { cluster, client in
      let link = try XCTUnwrap(client.links[1])
      var envelope = client.envelope([ClientRequest(.register, session: 5)])
      envelope.requests[0].session = 6

      try client.send(envelope)

      XCTAssertEqual(try link.nextError().code, .unauthorized)
    }
  }

  func test_requestsOfRaftsMode_areRefused() throws {
    try withNode { cluster, client in
      let link = try XCTUnwrap(client.links[1])
      let query = Query(.kvGet(Place(collection: "kv"), key: [1])).encoded()
      for request: Request in [
        .openSession(nonce: 1), .read(ReadRequest(.linearizable, query: query)),
        .outcome(session: 1, sequence: 1),
      ] {
        guard case .error(let refused) = try link.ask(request).body else {
          return XCTFail("\(request)")
        }
        XCTAssertEqual(refused.code, .badRequest)
      }
      XCTAssertEqual(try link.ask(.ping).body, .done)
    }
  }

  func test_frame_thatMeansNothing_costsTheRequestAlone() throws {
    try withNode { cluster, client in
      let link = try XCTUnwrap(client.links[1])

      try link.send(ByzantineTestClient.frame(.envelope, 3) { $0.writeRaw([1, 2, 3]) })
      let first = try link.nextReply()
      try link.send(ByzantineTestClient.frame(.attach, 4) { $0.writeRaw([1]) })
      let second = try link.nextReply()

      XCTAssertEqual(first.requestID, 3)
      XCTAssertEqual(second.requestID, 4)
      for reply in [first.0, second.0] {
        guard case .error(let refused) = reply.body else { return XCTFail("\(reply)") }
        XCTAssertEqual(refused.code, .badRequest)
      }
    }
  }

  func test_frame_thatIsTooLarge_endsTheConnection() throws {
    try withNode { cluster, client in
      let link = try XCTUnwrap(client.links[1])
      var writer = ByteWriter()
      writer.write(UInt32.max)

      try link.send(writer.bytes)

      XCTAssertEqual(try link.nextError().code, .tooLarge)
      XCTAssertTrue(link.isClosedByPeer())
      try client.connect(to: 1)
    }
  }

  func test_connections_ofOneClient_areBounded() throws {
    try withNode { cluster, client in
      var links = [try XCTUnwrap(client.links[1])]
      for _ in 0..<63 { links.append(try ByzantineTestClient.link(of: cluster, 1, client.key)) }

      let node = cluster.keys[0].publicKey
      let visitor = try BlockingClient(clientAddress(of: cluster))
      try visitor.secure(with: TLSEndpoint(key: client.key).connect(to: node))

      XCTAssertEqual(try visitor.nextError().code, .overloaded)
      XCTAssertEqual(links.count, 64)
      XCTAssertNoThrow(try ByzantineTestClient(of: cluster, 1))
      // The last of them wants a session.
      links.removeAll()
    }
  }

  /// Each costs the loop a signature.
  func test_receipts_whenManyAreAskedForAtOnce_areBounded() throws {
    try withNode { cluster, client in
      let session = try client.openSession()
      let put = client.put(session, 1, 1, [5])
      _ = try client.order(put)
      let link = try XCTUnwrap(client.links[1])
      var writer = ByteWriter()
      for number in 1...5_000 as ClosedRange<UInt64> {
        writer.writeFrame(FrameHead(kind: FrameKind.receipt.rawValue, requestID: number)) {
          $0.write(put.key.session)
          $0.write(put.key.sequence)
        }
      }

      try link.send(writer.bytes)
      let replies = try (0..<5_000).map { _ in try link.nextReply() }

      let given = replies.filter { if case .result = $0.0.body { true } else { false } }
      XCTAssertGreaterThanOrEqual(given.count, 64)
      XCTAssertLessThan(given.count, 2_500)
      XCTAssertEqual(Set(replies.map(\.requestID)).count, 5_000, "each is answered once")
      XCTAssertNotNil(try client.receipt(for: put.key, from: 1))
    }
  }

  func test_flood_ofForgedEnvelopes_doesNotKeepOthersWaiting() throws {
    try withNode { cluster, client in
      let liar = try ByzantineTestClient(of: cluster, 1)
      var envelope = liar.envelope([ClientRequest(.register, session: 5)])
      for number in 1...2_000 as ClosedRange<UInt64> {
        envelope.requests[0].session = 10 + number
        try liar.send(envelope)
      }

      _ = try client.openSession(nonce: 7)

      XCTAssertEqual(try liar.links[1]?.nextError().code, .unauthorized)
    }
  }
}
