import Glibc
import XCTest

@testable import Transport

final class EventLoopLifeTests: XCTestCase {
  func test_listener_whenThePortIsTaken_namesTheAddress() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let listener = try fixture.listen(Recorder())

    XCTAssertThrowsError(
      try fixture.loop.listen(on: listener.address, connectionsMax: 1, delegate: Recorder())
    ) { error in
      XCTAssertEqual(
        error as? TransportError,
        .addressInUse(address: "127.0.0.1:\(listener.address.port)")
      )
      XCTAssertEqual((error as? TransportError)?.code, "address_in_use")
    }
  }

  func test_listener_whenTheAddressIsNotOurs_saysSo() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }

    XCTAssertThrowsError(
      try fixture.loop.listen(
        on: SocketAddress(host: "192.0.2.1", port: 0),
        connectionsMax: 1,
        delegate: Recorder()
      )
    ) { error in
      XCTAssertEqual((error as? TransportError)?.code, "address_not_available")
    }
  }

  func test_listener_whenClosed_canListenThereAgainAtOnce() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let first = try fixture.listen(server)
    let client = try fixture.loop.connect(
      to: first.address,
      timeoutMicroseconds: 10_000_000,
      delegate: Recorder()
    )
    try fixture.run(until: { server.opened.count == 1 && client.isOpen })

    first.close()
    server.opened[0].close()
    fixture.loop.closeLeaving()

    XCTAssertNoThrow(
      try fixture.loop.listen(on: first.address, connectionsMax: 1, delegate: Recorder())
    )
  }

  func test_listener_whenTooManyConnect_turnsTheRestAway() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let listener = try fixture.listen(server, connectionsMax: 2)
    let client = Recorder()

    for _ in 0..<3 {
      _ = try fixture.loop.connect(
        to: listener.address,
        timeoutMicroseconds: 10_000_000,
        delegate: client
      )
    }
    try fixture.run(until: { client.closed.count == 1 })

    XCTAssertEqual(listener.connectionsCount, 2)
    XCTAssertEqual(listener.turnedAwayCount, 1)
  }

  func test_listener_whenDescriptorsRunOut_pausesAndAcceptsLater() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let listener = try fixture.listen(server)
    _ = try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: Recorder()
    )
    let free = dup(0)
    close(free)

    try withDescriptorLimit(rlim_t(free)) {
      try fixture.run(until: { !fixture.pauses.isEmpty })
    }
    let turnsWhenPaused = fixture.loop.turnsCount
    try fixture.run(until: { server.opened.count == 1 })

    XCTAssertEqual(fixture.pauses.map(\.code), ["too_many_open_files"])
    XCTAssertLessThanOrEqual(fixture.loop.turnsCount - turnsWhenPaused, 3, "it does not spin")
  }

  func test_connect_whenTheHostIsIPv6_worksTheSame() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    guard
      let listener = try? fixture.loop.listen(
        on: SocketAddress(parsing: "[::1]:0"),
        connectionsMax: 1,
        delegate: server
      )
    else { throw XCTSkip("this machine has no IPv6 loopback") }

    let client = try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: Recorder()
    )
    try fixture.run(until: { server.opened.count == 1 && client.isOpen })

    XCTAssertEqual(server.opened[0].peerAddress.host, "::1")
  }

  func test_listener_whenOneLeaves_hasRoomForAnother() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let listener = try fixture.listen(server, connectionsMax: 1)
    let first = try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: Recorder()
    )
    try fixture.run(until: { server.opened.count == 1 && first.isOpen })
    first.close()
    try fixture.run(until: { server.closed.count == 1 })

    let second = Recorder()
    _ = try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: second
    )
    try fixture.run(until: { server.opened.count == 2 })

    XCTAssertEqual(listener.turnedAwayCount, 0)
  }

  func test_listener_whenFullOfThoseWhoSayNothing_letsInWhoShowsWhoItIs() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let listener = try fixture.loop.listen(
      on: SocketAddress(host: "127.0.0.1", port: 0),
      connectionsMax: 2,
      securedBy: { Knock() },
      delegate: server
    )
    let silent = [Recorder(), Recorder()]
    for owner in silent { _ = try connect(fixture, to: listener, owner) }
    try fixture.run(until: { listener.connectionsCount == 2 })

    let guest = try connect(fixture, to: listener, Recorder())
    try fixture.run(until: { guest.isOpen })
    try guest.send([1])
    try fixture.run(until: { server.opened.count == 1 && silent[0].closed.count == 1 })
    let second = try connect(fixture, to: listener, Recorder())
    try fixture.run(until: { second.isOpen })
    try second.send([1])
    try fixture.run(until: { server.opened.count == 2 && silent[1].closed.count == 1 })
    let third = Recorder()
    _ = try connect(fixture, to: listener, third)
    try fixture.run(until: { third.closed.count == 1 })

    XCTAssertEqual(listener.connectionsCount, 2, "who has shown it stays")
    XCTAssertEqual(listener.turnedAwayCount, 3)
  }

  private func connect(
    _ fixture: LoopFixture,
    to listener: Listener,
    _ owner: Recorder
  ) throws -> Connection {
    try fixture.loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: owner
    )
  }

  func test_connect_whenNobodyListens_isRefused() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let listener = try fixture.listen(Recorder())
    let address = listener.address
    listener.close()
    fixture.loop.closeLeaving()
    let client = Recorder()

    _ = try fixture.loop.connect(
      to: address,
      timeoutMicroseconds: 10_000_000,
      delegate: client
    )
    try fixture.run(until: { !client.closed.isEmpty })

    XCTAssertEqual(
      client.closed,
      [.failed(.connectionRefused(address: address.description))]
    )
    XCTAssertTrue(client.opened.isEmpty)
  }

  func test_connect_whenNobodyAnswers_timesOut() throws {
    // A listener with a full queue drops further SYNs without a word.
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let full = try FullListener()
    defer { full.close() }
    let client = Recorder()

    var attempts: [Connection] = []
    for _ in 0..<4 {
      attempts.append(
        try fixture.loop.connect(
          to: full.address,
          timeoutMicroseconds: 50_000,
          delegate: client
        )
      )
    }
    try fixture.run(until: { !client.closed.isEmpty })

    XCTAssertEqual(
      client.closed.first,
      .failed(.connectTimedOut(address: full.address.description, afterMilliseconds: 50))
    )
  }

  func test_connection_whenThePeerResets_saysSoOnce() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    let address = pair.server.peerAddress.description
    setReset(of: pair.client)

    pair.client.close()
    try fixture.run(until: { !server.closed.isEmpty })

    XCTAssertEqual(server.closed, [.failed(.connectionReset(address: address))])
    XCTAssertFalse(pair.server.isOpen)
  }

  func test_connection_whenThePeerResetsWhileWePause_doesNotSpin() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    pair.server.pauseReading()
    setReset(of: pair.client)

    pair.client.close()
    try fixture.run(until: { !server.closed.isEmpty })

    XCTAssertEqual(server.closed.count, 1)
  }

  func test_connection_whenThePeerTakesNothingForTooLong_breaksOff() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let pair = try fixture.pair(client: client, server: Recorder())
    pair.server.pauseReading()
    pair.client.breakOff(afterSilenceMilliseconds: 100)

    try pair.client.send([UInt8](repeating: 7, count: 20_000_000))
    try fixture.run(until: { !client.closed.isEmpty })

    guard case .failed(let error) = client.closed[0] else { return XCTFail("\(client.closed)") }
    XCTAssertEqual(error.code, "unreachable")
  }

  func test_connection_whenThePeerEnds_deliversItsLastBytesFirst() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)

    try pair.client.send([1, 2, 3])
    pair.client.finish()
    try fixture.run(until: { !server.closed.isEmpty })

    XCTAssertEqual(server.received, [1, 2, 3])
    XCTAssertEqual(server.closed, [.endedByPeer])
  }

  func test_connection_whenFinishedWithUnreadBytes_stillDeliversItsLastWords() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let server = Recorder()
    server.onReceive = { connection, _, _ in
      sendOrFail(connection, [9, 9, 9], in: 0..<3)
      connection.finish()
      return 0
    }
    let pair = try fixture.pair(client: client, server: server)

    try pair.client.send(pattern(2_000_000))
    try fixture.run(until: { !client.closed.isEmpty })

    XCTAssertEqual(client.received, [9, 9, 9])
    XCTAssertEqual(client.closed, [.endedByPeer])
    XCTAssertTrue(server.closed.isEmpty, "its owner has finished with it")
  }

  func test_connection_whenThePeerIgnoresAFarewell_isGoneAfterIt() throws {
    var limits = TransportLimits()
    limits.farewellMicroseconds = 20_000
    let fixture = try LoopFixture(limits: limits)
    defer { fixture.loop.close() }
    let pair = try fixture.pair(client: Recorder(), server: Recorder())
    pair.client.pauseReading()

    pair.server.finish()
    try fixture.run(until: { fixture.loop.connection(pair.server.id) == nil })

    XCTAssertFalse(pair.server.isOpen)
  }

  func test_connection_whenClosed_ignoresFurtherCalls() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let pair = try fixture.pair(client: client, server: Recorder())
    pair.client.close()

    try pair.client.send([1])
    pair.client.finish()
    pair.client.pauseReading()
    pair.client.resumeReading()
    pair.client.close()

    XCTAssertTrue(client.closed.isEmpty)
    XCTAssertNil(fixture.loop.connection(pair.client.id))
  }

  func test_connection_whenTheDescriptorIsUsedAgain_hasAnotherName() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let first = try fixture.pair(client: Recorder(), server: server)
    first.client.close()
    try fixture.run(until: { server.closed.count == 1 })

    let second = try fixture.pair(client: Recorder(), server: server)

    XCTAssertNotEqual(first.client.id, second.client.id)
    XCTAssertNil(fixture.loop.connection(first.client.id))
    XCTAssertTrue(fixture.loop.connection(second.client.id) === second.client)
  }

  func test_loop_whenAThousandConnectionsIdle_servesThemAll() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    server.onReceive = { connection, bytes, range in
      sendOrFail(connection, bytes, in: range)
      return range.count
    }
    let listener = try fixture.listen(server)
    let client = Recorder()
    let count = try descriptorsFree(atLeast: 2_100) ? 1_000 : 200
    for _ in 0..<count {
      _ = try fixture.loop.connect(
        to: listener.address,
        timeoutMicroseconds: 10_000_000,
        delegate: client
      )
    }
    try fixture.run(until: { client.opened.count == count && server.opened.count == count })

    for connection in client.opened { try connection.send([1]) }
    try fixture.run(until: { client.receivedCount == count })

    XCTAssertEqual(listener.connectionsCount, count)
    XCTAssertTrue(client.closed.isEmpty)
  }

  private func descriptorsFree(atLeast count: rlim_t) throws -> Bool {
    var limit = descriptorLimit()
    limit.rlim_cur = min(max(limit.rlim_cur, count), limit.rlim_max)
    setDescriptorLimit(limit)
    return limit.rlim_cur >= count
  }

  /// Runs with fewer descriptors: no number from `count` on is given out meanwhile.
  private func withDescriptorLimit(_ count: rlim_t, _ body: () throws -> Void) throws {
    let before = descriptorLimit()
    defer { setDescriptorLimit(before) }
    setDescriptorLimit(rlimit(rlim_cur: count, rlim_max: before.rlim_max))
    try body()
  }

  private func descriptorLimit() -> rlimit {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit
  }

  private func setDescriptorLimit(_ limit: rlimit) {
    var limit = limit
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// A listening socket whose queue is full and whose owner never accepts.
private final class FullListener {
  let address: SocketAddress
  private let listening: Int32
  private var waiting: [Int32] = []

  init() throws {
    listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listening
    withUnsafeMutableBytes(of: &raw) {
      let pointer = $0.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      bind(descriptor, pointer, length)
      listen(descriptor, 0)
      getsockname(descriptor, pointer, &length)
    }
    address = SocketAddress(host: "127.0.0.1", port: UInt16(bigEndian: raw.sin_port))
    for _ in 0..<3 {
      let client = socket(
        AF_INET,
        Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue),
        0
      )
      withUnsafeMutableBytes(of: &raw) {
        _ = connect(client, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
      }
      waiting.append(client)
    }
  }

  func close() {
    for descriptor in waiting + [listening] { Glibc.close(descriptor) }
  }
}

/// Takes any byte for a proof of who somebody is.
private final class Knock: SecureChannel {
  private(set) var isEstablished = false

  func begin() -> ChannelProgress { .well }

  func receive(_ wire: [UInt8], _ range: Range<Int>, into plain: inout [UInt8]) -> ChannelProgress {
    isEstablished = true
    return .well
  }

  func send(_ plain: [UInt8], _ range: Range<Int>) -> ChannelProgress { .well }

  func finish() {}

  func takeWire(into wire: inout [UInt8]) {}
}
