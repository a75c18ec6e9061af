import Glibc
import XCTest

@testable import Transport

/// A loop with its delegate, driven turn by turn by the test's own thread.
final class LoopFixture: EventLoopDelegate {
  /// A token no test uses: the watchdog that turns a hanging test into a failed one.
  private static let watchdog = UInt64.max

  let waker: Waker
  let loop: EventLoop
  var mailCalls = 0
  var onMail: () -> Void = {}
  var firedTokens: [UInt64] = []
  var onTimer: (UInt64) -> Void = { _ in }
  var onTurnEnded: () -> Void = {}
  var pauses: [TransportError] = []
  private var isOver = false

  init(waker: Waker? = nil, limits: TransportLimits = TransportLimits()) throws {
    let waker = try waker ?? Waker()
    self.waker = waker
    loop = try EventLoop(waker: waker, limits: limits)
  }

  func mailArrived() {
    mailCalls += 1
    onMail()
  }

  func timerFired(_ token: UInt64) {
    guard token != LoopFixture.watchdog else {
      isOver = true
      return
    }
    firedTokens.append(token)
    onTimer(token)
  }

  func turnEnded() { onTurnEnded() }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {
    pauses.append(error)
  }

  /// Takes turns until the condition holds; fails after twenty seconds.
  func run(
    until condition: () -> Bool,
    file: StaticString = #filePath,
    line: UInt = #line
  ) throws {
    isOver = false
    let watchdog = loop.schedule(
      at: MonotonicClock.now() + 20_000_000,
      token: LoopFixture.watchdog
    )
    while !condition(), !isOver { try loop.turn(self) }
    XCTAssertFalse(isOver, "the condition never held", file: file, line: line)
    loop.cancel(watchdog)
  }

  /// A listener on a free port of the loopback.
  func listen(_ owner: Recorder, connectionsMax: Int = 10_000) throws -> Listener {
    try loop.listen(
      on: SocketAddress(host: "127.0.0.1", port: 0),
      connectionsMax: connectionsMax,
      delegate: owner
    )
  }

  /// A connected pair: ours, and the one the listener accepted.
  func pair(client: Recorder, server: Recorder) throws -> (client: Connection, server: Connection) {
    let listener = try listen(server)
    let before = server.opened.count
    let ours = try loop.connect(
      to: listener.address,
      timeoutMicroseconds: 10_000_000,
      delegate: client
    )
    try run(until: { server.opened.count > before && ours.isOpen })
    listener.close()
    return (ours, try XCTUnwrap(server.opened.last))
  }
}

/// Writes down everything a connection's owner hears.
final class Recorder: ConnectionDelegate {
  var opened: [Connection] = []
  var closed: [CloseReason] = []
  var drained = 0
  var received: [UInt8] = []
  var receivedCount = 0
  /// Keeps the bytes, or only counts them.
  var keepsBytes = true
  /// Takes the bytes over; returns how many it consumed.
  var onReceive: ((Connection, [UInt8], Range<Int>) -> Int)?

  func connectionOpened(_ connection: Connection) { opened.append(connection) }

  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int {
    receivedCount += range.count
    if let onReceive { return onReceive(connection, bytes, range) }
    if keepsBytes { received.append(contentsOf: bytes[range]) }
    return range.count
  }

  func connectionDrained(_ connection: Connection) { drained += 1 }

  func connectionClosed(_ connection: Connection, reason: CloseReason) { closed.append(reason) }
}

/// Sends on a connection that must have room.
func sendOrFail(_ connection: Connection, _ bytes: [UInt8], in range: Range<Int>) {
  do {
    try connection.send(bytes, in: range)
  } catch {
    XCTFail("\(error)")
  }
}

/// Makes the kernel take few bytes at a time.
func setSendBuffer(of connection: Connection, bytes: Int32) {
  var size = bytes
  setsockopt(
    connection.id.descriptor,
    SOL_SOCKET,
    SO_SNDBUF,
    &size,
    socklen_t(MemoryLayout<Int32>.size)
  )
}

/// Makes the next close a reset.
func setReset(of connection: Connection) {
  var none = linger(l_onoff: 1, l_linger: 0)
  setsockopt(
    connection.id.descriptor,
    SOL_SOCKET,
    SO_LINGER,
    &none,
    socklen_t(MemoryLayout<linger>.size)
  )
}

/// Bytes that show when one is lost, doubled or out of place.
func pattern(_ count: Int) -> [UInt8] {
  var state: UInt32 = 12_345
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}
