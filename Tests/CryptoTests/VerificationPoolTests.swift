import Consensus
import Transport
import XCTest

@testable import Crypto

final class VerificationPoolTests: XCTestCase, EventLoopDelegate {
  private var loop: EventLoop?
  private var answers: Mailbox<VerificationPool.Answer>?
  private var expected = 0
  private var found: [VerificationPool.Answer] = []
  private var isLate = false

  func test_pool_whenAsked_answersEachQuestionOnTheLoop() throws {
    let keys = try (0..<4).map { _ in try PrivateKey.generate() }
    let waker = try Waker()
    let answers = Mailbox<VerificationPool.Answer>(waking: waker)
    let loop = try EventLoop(waker: waker)
    (self.loop, self.answers, expected) = (loop, answers, 200)
    let pool = try VerificationPool(keys: keys.dropLast().map(\.publicKey), answers: answers)
    defer { pool.stop() }

    for number in 0..<200 {
      let message = [UInt8](repeating: UInt8(number), count: number)
      let claims = keys.enumerated().map { index, key in
        SignatureClaim(
          signature: key.sign(message),
          bytes: index == number % 4 ? message + [1] : message,
          key: key.publicKey
        )
      }
      try pool.submit(.init(number: UInt64(number), claims: claims))
    }
    _ = loop.schedule(at: MonotonicClock.now() + 20_000_000, token: 1)
    try loop.run(self)

    XCTAssertFalse(isLate)
    for answer in found {
      XCTAssertEqual(answer.holds, (0..<4).map { $0 != Int(answer.number % 4) })
    }
    XCTAssertEqual(found.map(\.number).sorted(), Array(0..<200))
  }

  func test_pool_whenStopped_hasEndedItsThreads_andMayBeStoppedAgain() throws {
    let waker = try Waker()
    let answers = Mailbox<VerificationPool.Answer>(waking: waker)
    let pool = try VerificationPool(keys: [], answers: answers)

    pool.stop()
    pool.stop()
    try pool.submit(.init(number: 1, claims: []))

    var taken: [VerificationPool.Answer] = []
    answers.take(into: &taken)
    XCTAssertEqual(taken, [])
  }

  func test_pool_whenTooManyWait_refuses() throws {
    let waker = try Waker()
    let pool = try VerificationPool(keys: [], answers: Mailbox(waking: waker))
    pool.stop()

    for number in 0..<VerificationPool.waitingMax {
      try pool.submit(.init(number: UInt64(number), claims: []))
    }

    XCTAssertThrowsError(try pool.submit(.init(number: 0, claims: []))) { error in
      XCTAssertEqual((error as? CryptoError)?.code, "verification_busy")
    }
  }

  func mailArrived() {
    var taken: [VerificationPool.Answer] = []
    answers?.take(into: &taken)
    found += taken
    if found.count >= expected { loop?.stop() }
  }

  func timerFired(_ token: UInt64) {
    isLate = true
    loop?.stop()
  }

  func turnEnded() {}

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}
