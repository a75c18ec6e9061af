import XCTest

@testable import Transport

final class EventLoopBytesTests: XCTestCase {
  /// Sends whole frames (4 bytes of length, then the rest) back and leaves the others.
  private func echoFrames(_ connection: Connection, _ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var at = range.lowerBound
    while range.upperBound - at >= 4 {
      let size = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      guard range.upperBound - at >= 4 + size else { break }
      sendOrFail(connection, bytes, in: at..<at + 4 + size)
      at += 4 + size
    }
    return at - range.lowerBound
  }

  private func frame(_ body: [UInt8]) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
  }

  func test_connection_whenTenThousandFramesAreEchoed_bringsEachBackInOrder() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let server = Recorder()
    server.onReceive = echoFrames
    let pair = try fixture.pair(client: client, server: server)
    let noise = pattern(5_000)
    let frames = (0..<10_000).map { frame(Array(noise[..<($0 * 7 % 700)])) }

    for frame in frames { try pair.client.send(frame) }
    let expected = frames.flatMap { $0 }
    try fixture.run(until: { client.received.count >= expected.count })

    XCTAssertTrue(client.received == expected)
  }

  func test_connection_whenTheKernelTakesLittle_writesTheRestLater() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let server = Recorder()
    let pair = try fixture.pair(client: client, server: server)
    setSendBuffer(of: pair.client, bytes: 4_096)
    let bytes = pattern(3_000_000)

    try pair.client.send(bytes)
    try fixture.run(until: { server.received.count >= bytes.count && client.drained == 1 })

    XCTAssertTrue(server.received == bytes)
    XCTAssertEqual(pair.client.pendingOutBytes, 0)
    XCTAssertEqual(pair.client.registered, .readable)
  }

  func test_connection_whenAFrameComesInManyPieces_offersItGrowing() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    server.onReceive = echoFrames
    let client = Recorder()
    let pair = try fixture.pair(client: client, server: server)
    let whole = frame(pattern(100))

    for (index, byte) in whole.enumerated() {
      try pair.client.send([byte])
      try fixture.run(until: { server.receivedCount >= (index + 1) * (index + 2) / 2 })
    }
    try fixture.run(until: { client.received.count == whole.count })

    XCTAssertEqual(client.received, whole)
  }

  func test_connection_whenTheOtherSideStopsReading_boundsWhatWaits() throws {
    var limits = TransportLimits()
    limits.pendingOutBytesMax = 1_000_000
    let fixture = try LoopFixture(limits: limits)
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    pair.server.pauseReading()
    let piece = pattern(50_000)

    var refusal: TransportError?
    for _ in 0..<2_000 where refusal == nil {
      do {
        try pair.client.send(piece)
        try fixture.loop.turn(waking(fixture))
      } catch {
        refusal = error
      }
    }

    XCTAssertEqual(refusal?.code, "send_buffer_full")
    XCTAssertLessThanOrEqual(pair.client.pendingOutBytes, 1_000_000)
    XCTAssertEqual(server.receivedCount, 0)
  }

  func test_connection_whenTheKernelTakesAllAtOnce_tellsThatItDrained() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let client = Recorder()
    let server = Recorder()
    let pair = try fixture.pair(client: client, server: server)

    try pair.client.send([1])
    try fixture.run(until: { server.receivedCount == 1 })

    XCTAssertEqual(client.drained, 1)
    XCTAssertEqual(server.drained, 0)
  }

  func test_connection_whenReadingGoesOn_receivesWhatWasHeldBack() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    let bytes = pattern(2_000_000)
    pair.server.pauseReading()
    try pair.client.send(bytes)
    try fixture.loop.turn(waking(fixture))

    pair.server.resumeReading()
    try fixture.run(until: { server.received.count >= bytes.count })

    XCTAssertTrue(server.received == bytes)
  }

  func test_connection_whenPausedForTwoReasons_isNotReadUntilBothAreGone() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    pair.server.pauseReading(.unsent)
    pair.server.pauseReading(.unprocessed)
    try pair.client.send([1, 2, 3])

    pair.server.resumeReading(.unsent)
    for _ in 0..<20 { try fixture.loop.turn(waking(fixture)) }
    let early = server.receivedCount
    pair.server.resumeReading(.unprocessed)
    try fixture.run(until: { server.receivedCount == 3 })

    XCTAssertEqual(early, 0)
  }

  func test_connection_whenPausedWithBytesLeft_offersThemAgainOnResuming() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    let pair = try fixture.pair(client: Recorder(), server: server)
    server.onReceive = { connection, _, range in
      connection.pauseReading()
      return min(2, range.count)
    }
    try pair.client.send([1, 2, 3, 4, 5])
    try fixture.run(until: { server.receivedCount == 5 })

    server.onReceive = nil
    pair.server.resumeReading()
    try fixture.run(until: { server.received.count == 3 })

    XCTAssertEqual(server.received, [3, 4, 5])
  }

  func test_connection_whenAPieceGrowsPastTheLimit_isClosed() throws {
    var limits = TransportLimits()
    limits.unconsumedBytesMax = 1_000
    let fixture = try LoopFixture(limits: limits)
    defer { fixture.loop.close() }
    let server = Recorder()
    server.onReceive = { _, _, _ in 0 }
    let pair = try fixture.pair(client: Recorder(), server: server)

    try pair.client.send(pattern(1_001))
    try fixture.run(until: { !server.closed.isEmpty })

    XCTAssertEqual(
      server.closed,
      [
        .failed(
          .receiveBufferFull(address: pair.server.peerAddress.description, limitBytes: 1_000)
        )
      ]
    )
  }

  func test_connection_whenManySendsInOneTurn_leavesInOneWrite() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let server = Recorder()
    var deliveries = 0
    server.onReceive = { _, _, range in
      deliveries += 1
      return range.count
    }
    let pair = try fixture.pair(client: Recorder(), server: server)

    for _ in 0..<100 { try pair.client.send([1, 2, 3]) }
    try fixture.run(until: { server.receivedCount == 300 })

    XCTAssertEqual(deliveries, 1)
  }

  func test_connection_whenAnotherFloods_isReadInTheSameTurn() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    let flood = Recorder()
    flood.keepsBytes = false
    let quiet = Recorder()
    let flooding = try fixture.pair(client: Recorder(), server: flood)
    let small = try fixture.pair(client: Recorder(), server: quiet)
    let noise = pattern(1_000_000)
    fixture.onTurnEnded = {
      guard flooding.client.pendingOutBytes < 8_000_000 else { return }
      sendOrFail(flooding.client, noise, in: noise.indices)
    }
    fixture.waker.notify()
    try fixture.run(until: { flood.receivedCount > 20_000_000 })

    let sentInTurn = fixture.loop.turnsCount
    let before = flood.receivedCount
    try small.client.send([7])
    try fixture.run(until: { quiet.received == [7] })

    // One turn writes the byte, the next reads it; meanwhile the flood has its bounded share.
    // A turn more where this thread stood still for longer than a turn reads.
    XCTAssertLessThanOrEqual(fixture.loop.turnsCount - sentInTurn, 4)
    XCTAssertLessThanOrEqual(flood.receivedCount - before, 4 * 1024 * 1024)
  }

  func test_loop_whenManyFlood_readsTheUrgentOneFirst() throws {
    let fixture = try LoopFixture()
    defer { fixture.loop.close() }
    var order: [Int] = []
    let server = Recorder()
    server.onReceive = { connection, _, range in
      order.append(connection.tag)
      return range.count
    }
    var clients: [Connection] = []
    for tag in 0..<5 {
      let pair = try fixture.pair(client: Recorder(), server: server)
      pair.server.tag = tag
      pair.server.isUrgent = tag == 4
      clients.append(pair.client)
    }

    for client in clients { try client.send([1]) }
    try fixture.run(until: { order.count == 5 })

    XCTAssertEqual(order.first, 4)
  }

  func test_loop_whenReadingTakesTooLong_servesEachConnectionWithinAFewTurns() throws {
    var limits = TransportLimits()
    limits.readMicrosecondsPerTurnMax = 0
    let fixture = try LoopFixture(limits: limits)
    defer { fixture.loop.close() }
    var served: [Int] = []
    let server = Recorder()
    server.onReceive = { connection, _, range in
      served.append(connection.tag)
      let before = MonotonicClock.now()
      while MonotonicClock.now() == before {}
      return range.count
    }
    var clients: [Connection] = []
    for tag in 0..<5 {
      let pair = try fixture.pair(client: Recorder(), server: server)
      pair.server.tag = tag
      clients.append(pair.client)
    }
    fixture.onTurnEnded = {
      for client in clients { sendOrFail(client, [1], in: 0..<1) }
    }
    fixture.waker.notify()

    try fixture.run(until: { served.count >= 20 })

    for tag in 0..<5 { XCTAssertTrue(served.prefix(20).contains(tag), "\(tag) in \(served)") }
    XCTAssertGreaterThanOrEqual(fixture.loop.turnsCount, 20)
  }

  /// The fixture with a notice waiting, so that its next turn does not sleep.
  private func waking(_ fixture: LoopFixture) -> LoopFixture {
    fixture.waker.notify()
    return fixture
  }
}
