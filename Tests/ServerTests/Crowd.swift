import ClientProtocol
import Foundation
import Synchronization
import Wire
import XCTest

@testable import Transport

/// Many clients on one thread, each of which sends everything in one go.
///
/// A thread for each would take the processors from the nodes, which is not what is tested.
final class Crowd: @unchecked Sendable {
  /// What one client sends, and what came back.
  private final class Member: ConnectionDelegate {
    let script: [UInt8]
    var answers: [ErrorCode?] = []

    init(_ requests: [Request]) {
      var writer = ByteWriter()
      for (place, request) in requests.enumerated() {
        request.writeFrame(
          into: &writer,
          requestID: UInt64(place) + 1,
          flags: .mayForward,
          deadlineMilliseconds: 60_000
        )
      }
      script = writer.bytes
    }

    func connectionOpened(_ connection: Connection) {
      var writer = ByteWriter()
      Hello(speaker: .client(name: "crowd")).writeFrame(into: &writer)
      do { try connection.send(writer.bytes) } catch { connection.close() }
    }

    func connection(
      _ connection: Connection,
      received bytes: [UInt8],
      in range: Range<Int>
    ) -> Int {
      var offset = range.lowerBound
      let reader = FrameReader(sizeMax: Limits.frameSizeMax)
      while let frame = try? reader.next(in: bytes, offset..<range.upperBound) {
        offset = frame.end
        guard frame.head.kind != FrameKind.helloAck.rawValue else {
          do { try connection.send(script) } catch { connection.close() }
          continue
        }
        guard let reply = try? Reply(in: bytes, frame) else { continue }
        if case .error(let refused) = reply.body {
          answers.append(refused.code)
        } else {
          answers.append(nil)
        }
      }
      return offset - range.lowerBound
    }

    func connectionDrained(_ connection: Connection) {}
    func connectionClosed(_ connection: Connection, reason: CloseReason) {}
  }

  private let members: [(address: String, member: Member)]
  private let expected: Int
  private let ended = Atomic<Bool>(false)
  private var thread: WorkerThread?
  private var loop: EventLoop?

  /// Starts at once.
  init(_ clients: [(address: String, requests: [Request])]) throws {
    members = clients.map { ($0.address, Member($0.requests)) }
    expected = clients.reduce(0) { $0 + $1.requests.count }
    thread = try WorkerThread.start(name: "crowd") { [self] in
      do { try run() } catch { print("the crowd: \(error)") }
      ended.store(true, ordering: .releasing)
    }
  }

  var isDone: Bool { ended.load(ordering: .acquiring) }

  /// Waits for the end; for each client and answer the code, if it was a refusal.
  func finish() -> [[ErrorCode?]] {
    thread?.join()
    return members.map(\.member.answers)
  }

  private func run() throws(TransportError) {
    let loop = try EventLoop(waker: Waker())
    self.loop = loop
    defer { loop.close() }
    for (address, member) in members {
      let address = try SocketAddress(parsing: address)
      _ = try loop.connect(to: address, timeoutMicroseconds: 30_000_000, delegate: member)
    }
    _ = loop.schedule(at: MonotonicClock.now() + 120_000_000, token: 0)
    try loop.run(self)
  }
}

extension Crowd: EventLoopDelegate {
  func mailArrived() {}
  func acceptingPaused(_ listener: Listener, because error: TransportError) {}

  /// Time is up.
  func timerFired(_ token: UInt64) { loop?.stop() }

  func turnEnded() {
    if members.reduce(0, { $0 + $1.member.answers.count }) == expected { loop?.stop() }
  }
}
