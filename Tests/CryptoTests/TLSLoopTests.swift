import Consensus
import Transport
import XCTest

@testable import Crypto

/// A channel that notes how much it is given at once.
private final class WatchedChannel: SecureChannel {
  private let channel: TLSChannel
  private(set) var largestSend = 0

  init(_ channel: TLSChannel) { self.channel = channel }

  var isEstablished: Bool { channel.isEstablished }

  func begin() -> ChannelProgress { channel.begin() }

  func receive(_ wire: [UInt8], _ range: Range<Int>, into plain: inout [UInt8]) -> ChannelProgress {
    channel.receive(wire, range, into: &plain)
  }

  func send(_ plain: [UInt8], _ range: Range<Int>) -> ChannelProgress {
    largestSend = max(largestSend, range.count)
    return channel.send(plain, range)
  }

  func finish() { channel.finish() }

  func takeWire(into wire: inout [UInt8]) { channel.takeWire(into: &wire) }
}

final class TLSLoopTests: XCTestCase {
  private let anywhere = SocketAddress(host: "127.0.0.1", port: 0)

  private struct Scene {
    let fixture: SecuredLoop
    let listener: Listener
    let client: PrivateKey
    let server: PrivateKey

    func connect(to key: PublicKey? = nil, owner: SecuredLoop) throws -> Connection {
      try fixture.loop.connect(
        to: listener.address,
        timeoutMicroseconds: 10_000_000,
        securedBy: TLSEndpoint(key: client).connect(to: key ?? server.publicKey),
        delegate: owner
      )
    }
  }

  private func scene(owner: SecuredLoop, limits: TransportLimits = TransportLimits()) throws
    -> Scene
  {
    let fixture = try SecuredLoop(limits: limits)
    let (client, server) = try (PrivateKey.generate(), PrivateKey.generate())
    let endpoint = try TLSEndpoint(key: server)
    let listener = try fixture.loop.listen(
      on: anywhere,
      connectionsMax: 10,
      securedBy: { endpoint.accept { $0 == client.publicKey } },
      delegate: owner
    )
    return Scene(fixture: fixture, listener: listener, client: client, server: server)
  }

  func test_connections_whenSecured_openKnowTheKeysAndCarryMuchBothWays() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }
    let up = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let down = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 17 >> 2) }

    let ours = try scene.connect(owner: below)
    try scene.fixture.run { above.opened.count == 1 && below.opened.count == 1 }
    XCTAssertEqual((ours.channel as? TLSChannel)?.peerKey, scene.server.publicKey)
    XCTAssertEqual(
      (above.opened.first?.channel as? TLSChannel)?.peerKey,
      scene.client.publicKey
    )
    try ours.send(up)
    try XCTUnwrap(above.opened.first).send(down)
    try scene.fixture.run { above.heard.count >= up.count && below.heard.count >= down.count }

    XCTAssertTrue(above.heard == up)
    XCTAssertTrue(below.heard == down)
    XCTAssertEqual(ours.pendingOutBytes, 0)
  }

  func test_channel_whenMuchWaits_isGivenARecordAtATime() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }
    let tls = try TLSEndpoint(key: scene.client).connect(to: scene.server.publicKey)
    let channel = WatchedChannel(tls)

    let ours = try scene.fixture.loop.connect(
      to: scene.listener.address,
      timeoutMicroseconds: 10_000_000,
      securedBy: channel,
      delegate: below
    )
    try scene.fixture.run { below.opened.count == 1 }
    try ours.send([UInt8](repeating: 3, count: 1_000_000))
    try scene.fixture.run { above.heard.count == 1_000_000 }

    XCTAssertEqual(channel.largestSend, TLSChannel.recordSizeMax)
  }

  func test_send_whenTheKernelTakesIt_costsNoTurnMore() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }
    let ours = try scene.connect(owner: below)
    try scene.fixture.run { above.opened.count == 1 && below.opened.count == 1 }
    above.opened[0].pauseReading()
    let end = MonotonicClock.now() + 50_000
    try ours.send([1, 2, 3])

    let before = scene.fixture.loop.turnsCount
    _ = scene.fixture.loop.schedule(at: end, token: 2)
    try scene.fixture.run { MonotonicClock.now() >= end }

    // The one that sends it, and the one in which the time is over.
    XCTAssertLessThanOrEqual(scene.fixture.loop.turnsCount - before, 2)
  }

  func test_client_whenTheServersKeyIsAnother_neverOpensAndSaysWhy() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }

    let stranger = try PrivateKey.generate()
    _ = try scene.connect(to: stranger.publicKey, owner: below)
    try scene.fixture.run { below.closed.count == 1 && above.closed.count == 1 }

    guard case .failed(.notSecured(_, let reason)) = below.closed[0] else {
      return XCTFail("\(below.closed)")
    }
    XCTAssertTrue(reason.contains(scene.server.publicKey.description), reason)
    XCTAssertTrue(above.opened.isEmpty)
    XCTAssertTrue(below.opened.isEmpty)
  }

  func test_server_whenTheClientSpeaksPlainly_endsTheConnection() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }

    let plain = try scene.fixture.loop.connect(
      to: scene.listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: below
    )
    try scene.fixture.run { below.opened.count == 1 }
    try plain.send(Array("hello, who is there?".utf8))
    try scene.fixture.run { above.closed.count == 1 && below.closed.count == 1 }

    guard case .failed(.notSecured) = above.closed[0] else { return XCTFail("\(above.closed)") }
    XCTAssertTrue(above.opened.isEmpty)
    XCTAssertEqual(scene.listener.connectionsCount, 0)
  }

  func test_client_whenTheServerEndsDuringTheHandshake_blamesNoKey() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let fixture = try SecuredLoop()
    defer { fixture.loop.close() }
    let listener = try fixture.loop.listen(on: anywhere, connectionsMax: 10, delegate: above)

    let (client, server) = try (PrivateKey.generate(), PrivateKey.generate())
    _ = try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      securedBy: TLSEndpoint(key: client).connect(to: server.publicKey),
      delegate: below
    )
    try fixture.run { !above.heard.isEmpty }
    above.opened[0].finish()
    try fixture.run { below.closed.count == 1 }

    guard case .failed(.connectionReset) = below.closed[0] else {
      return XCTFail("\(below.closed)")
    }
  }

  func test_server_whenTheClientSaysNothing_endsTheConnectionInTime() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    var limits = TransportLimits()
    limits.handshakeMicroseconds = 20_000
    let scene = try scene(owner: above, limits: limits)
    defer { scene.fixture.loop.close() }

    _ = try scene.fixture.loop.connect(
      to: scene.listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: below
    )
    try scene.fixture.run { above.closed.count == 1 }

    guard case .failed(.connectTimedOut) = above.closed[0] else {
      return XCTFail("\(above.closed)")
    }
  }

  func test_finish_whenBytesWait_sendsThemAndSaysGoodbye() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }
    let bytes = [UInt8](repeating: 5, count: 3_000_000)

    let ours = try scene.connect(owner: below)
    try scene.fixture.run { below.opened.count == 1 }
    try ours.send(bytes)
    ours.finish()
    try scene.fixture.run { above.closed.count == 1 }

    XCTAssertTrue(above.heard == bytes)
    XCTAssertEqual(above.closed, [.endedByPeer])
  }

  func test_connection_whenCutOffWithoutGoodbye_failed() throws {
    let (above, below) = (try SecuredLoop(), try SecuredLoop())
    let scene = try scene(owner: above)
    defer { scene.fixture.loop.close() }

    let ours = try scene.connect(owner: below)
    try scene.fixture.run { above.opened.count == 1 }
    ours.close()
    try scene.fixture.run { above.closed.count == 1 }

    XCTAssertNotEqual(above.closed, [.endedByPeer])
  }
}
