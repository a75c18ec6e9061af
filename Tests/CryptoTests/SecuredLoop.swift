import Consensus
import Transport
import XCTest

@testable import Crypto

/// An event loop driven by the test's own thread, with two endpoints on one loopback.
final class SecuredLoop: EventLoopDelegate, ConnectionDelegate {
  /// Turns a hanging test into a failed one.
  private static let watchdog: UInt64 = 1

  let loop: EventLoop
  var isDone: () -> Bool = { false }
  private(set) var isLate = false
  var opened: [Connection] = []
  var closed: [CloseReason] = []
  var heard: [UInt8] = []

  init(limits: TransportLimits = TransportLimits()) throws {
    loop = try EventLoop(waker: Waker(), limits: limits)
  }

  /// Takes turns until the condition holds.
  func run(until condition: @escaping () -> Bool, line: UInt = #line) throws {
    isDone = condition
    isLate = false
    let timer = loop.schedule(at: MonotonicClock.now() + 20_000_000, token: Self.watchdog)
    if !condition() { try loop.run(self) }
    loop.cancel(timer)
    XCTAssertFalse(isLate, "the condition never held", line: line)
  }

  func mailArrived() {}

  func timerFired(_ token: UInt64) {
    guard token == Self.watchdog else { return }
    isLate = true
    loop.stop()
  }

  func turnEnded() {
    if isDone() { loop.stop() }
  }

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}

  func connectionOpened(_ connection: Connection) { opened.append(connection) }

  func connection(_ connection: Connection, received bytes: [UInt8], in range: Range<Int>) -> Int {
    heard.append(contentsOf: bytes[range])
    return range.count
  }

  func connectionDrained(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, reason: CloseReason) { closed.append(reason) }
}
