import ClientProtocol
import Transport
import Wire
import XCTest

@testable import Server

/// What strangers, mistaken clients and broken bytes are told at both ports (N2, N10, N11).
final class BadInputTests: ServerTestCase {
  private let card = NodeCard(id: 2, incarnation: 1002, boot: 1, durablePosition: 0)

  func test_HTTP_atEitherPort_isAnsweredInHTTP() throws {
    try withCluster(of: 1) { cluster in
      for (address, speakers) in ports(of: cluster, "clients", "members") {
        let stranger = try BlockingClient(address)

        try stranger.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        let answer = String(decoding: try stranger.readToEnd(), as: UTF8.self)

        XCTAssertTrue(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), answer)
        XCTAssertTrue(answer.contains("for \(speakers); it does not speak HTTP"), answer)
      }
      try assertLives(cluster)
    }
  }

  func test_bytes_thatAreNoFrame_areRefusedWithTheirCode() throws {
    var broken = ByteWriter()
    Hello(speaker: .client(name: "x")).writeFrame(into: &broken)
    broken.overwrite(broken.bytes[broken.count - 1] ^ 1, at: broken.count - 1)
    let cases: [(name: String, bytes: [UInt8], code: ErrorCode)] = [
      ("random", [UInt8](repeating: 0xA7, count: 5_000), .tooLarge),
      ("length 0", [0, 0, 0, 0], .badFrame),
      ("length 15", [15, 0, 0, 0], .badFrame),
      ("length -1", [255, 255, 255, 255], .tooLarge),
      ("length 2^31", [0, 0, 0, 128], .tooLarge),
      ("4 KiB + 1 before the hello", [0xFD, 0x0F, 0, 0], .tooLarge),
      ("a flipped bit", broken.bytes, .badFrame),
    ]
    try withCluster(of: 1) { cluster in
      for (address, _) in ports(of: cluster, "", "") {
        for (name, bytes, code) in cases {
          let stranger = try BlockingClient(address)
          try stranger.send(bytes)

          XCTAssertEqual(try stranger.nextError().code, code, "\(name) at \(address)")
          XCTAssertTrue(stranger.isClosedByPeer(), name)
        }
      }
      try assertLives(cluster)
    }
  }

  func test_payload_thatCannotBeRead_costsTheRequestAlone() throws {
    try withCluster(of: 1) { cluster in
      let client = try client(of: cluster, 1)
      var writer = ByteWriter()
      writer.writeFrame(FrameHead(kind: FrameKind.write.rawValue, requestID: 5)) {
        $0.write(UInt8(1))
      }
      writer.writeFrame(FrameHead(kind: 200, requestID: 6)) { _ in }

      try client.send(writer.bytes)
      let first = try client.nextReply()
      let second = try client.nextReply()
      let pong = try client.ask(.ping)

      for (reply, id) in [(first, UInt64(5)), (second, 6)] {
        guard case .error(let refused) = reply.0.body else { return XCTFail("\(reply)") }
        XCTAssertEqual(refused.code, .badRequest)
        XCTAssertEqual(reply.requestID, id)
      }
      XCTAssertEqual(pong.body, .done)
    }
  }

  func test_hello_atTheWrongPortOrCluster_isRefusedWithItsReason() throws {
    let foreign = VersionRange(lowest: 900, highest: 901)
    try withCluster(of: 3, options: Self.keepLeader) { cluster in
      let seat = cluster.configuration.seats[0]
      // Before it knows a leader a node lets strangers in: they may bring its next configuration.
      try wait(for: "a leader at node 1") {
        try status(of: self.client(of: cluster, 1)).appliedIndex > 1
      }
      let impostor = NodeCard(id: 2, incarnation: 9, boot: 1, durablePosition: 0)
      let itself = NodeCard(id: 1, incarnation: 1001, boot: 1, durablePosition: 0)
      let client = Hello.Speaker.client(name: "x")
      let cases: [(name: String, address: String, hello: Hello, code: ErrorCode)] = [
        ("client at members", seat.peerAddress, Hello(speaker: client), .badRequest),
        ("member at clients", seat.clientAddress, ours(.peer(card)), .badRequest),
        ("client of others", seat.clientAddress, other(client), .wrongCluster),
        ("member of others", seat.peerAddress, other(.peer(card)), .wrongCluster),
        ("impostor", seat.peerAddress, ours(.peer(impostor)), .unauthorized),
        ("itself", seat.peerAddress, ours(.peer(itself)), .unauthorized),
        (
          "client of the future", seat.clientAddress, Hello(versions: foreign, speaker: client),
          .unsupportedVersion
        ),
        (
          "member of the future", seat.peerAddress, ours(.peer(card), versions: foreign),
          .unsupportedVersion
        ),
      ]
      for (name, address, hello, code) in cases {
        let stranger = try BlockingClient(address)
        try stranger.say(hello)

        XCTAssertEqual(try stranger.nextError().code, code, name)
        XCTAssertTrue(stranger.isClosedByPeer(), name)
      }
    }
  }

  func test_member_thatSpeaksBeforeItsHello_isShownOut() throws {
    try withCluster(of: 1) { cluster in
      let stranger = try BlockingClient(cluster.configuration.seats[0].peerAddress)
      var writer = ByteWriter()
      writer.writeFrame(FrameHead(kind: FrameKind.peerMessages.rawValue, requestID: 0)) {
        $0.write(UInt8(2))
      }

      try stranger.send(writer.bytes)

      XCTAssertEqual(try stranger.nextError().code, .badFrame)
      XCTAssertTrue(stranger.isClosedByPeer())
    }
  }

  func test_member_thatDialsAnew_replacesItsOlderConnection() throws {
    try withCluster(of: 3) { cluster in
      cluster.stop(2)
      let address = cluster.configuration.seats[0].peerAddress
      let older = try BlockingClient(address)
      try older.say(ours(.peer(card)))
      try older.takeAck()

      let newer = try BlockingClient(address)
      try newer.say(ours(.peer(card)))
      try newer.takeAck()

      XCTAssertTrue(older.isClosedByPeer())
    }
  }

  func test_stranger_whoSaysNothingToMembers_isShownOut() throws {
    try withCluster(of: 1) { cluster in
      let silent = try BlockingClient(cluster.configuration.seats[0].peerAddress)

      XCTAssertEqual(try silent.nextError().code, .deadlineExceeded)
      XCTAssertTrue(silent.isClosedByPeer())
    }
  }

  func test_port_thatIsTaken_isNamed() throws {
    try withCluster(of: 1) { cluster in
      let taken = cluster.configuration.seats[0].peerAddress
      let second = try TestCluster(count: 1) { $0.clientListenAddress = taken }
      defer { second.stopAll() }

      try second.start(1)
      let error = try XCTUnwrap(second.join(1))

      XCTAssertEqual(error.code, "address_in_use")
      XCTAssertTrue("\(error)".contains(taken), "\(error)")
    }
  }

  // MARK: Helpers

  private func ports(
    of cluster: TestCluster,
    _ clients: String,
    _ members: String
  ) -> [(String, String)] {
    let seat = cluster.configuration.seats[0]
    return [(seat.clientAddress, clients), (seat.peerAddress, members)]
  }

  private func ours(_ speaker: Hello.Speaker, versions: VersionRange = .ours) -> Hello {
    Hello(clusterHigh: 7, clusterLow: 8, versions: versions, speaker: speaker)
  }

  private func other(_ speaker: Hello.Speaker) -> Hello {
    Hello(clusterHigh: 7, clusterLow: 9, speaker: speaker)
  }

  private func assertLives(_ cluster: TestCluster) throws {
    XCTAssertNotNil(try leaderClient(of: cluster).ack)
  }
}
