import Consensus
import Transport
import XCTest

@testable import Crypto

final class VerificationPoolTests: XCTestCase, EventLoopDelegate {
  private var loop: EventLoop?
  private var answers: Mailbox<VerificationPool.Answer>?
  private var isDone: ([VerificationPool.Answer]) -> Bool = { _ in false }
  private var found: [VerificationPool.Answer] = []
  private var isLate = false

  func test_pool_whenAsked_answersEachQuestionOnTheLoop() throws {
    let keys = try (0..<4).map { _ in try PrivateKey.generate() }
    let waker = try Waker()
    let answers = Mailbox<VerificationPool.Answer>(waking: waker)
    let loop = try EventLoop(waker: waker)
    (self.loop, self.answers) = (loop, answers)
    isDone = { $0.count >= 200 }
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
      try pool.submit(.init(number: UInt64(number), claims: claims, source: source))
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
    try pool.submit(.init(number: 1, claims: [claim()], source: source))

    var taken: [VerificationPool.Answer] = []
    answers.take(into: &taken)
    XCTAssertEqual(taken, [])
  }

  func test_pool_whenTooManyWait_refuses() throws {
    let waker = try Waker()
    let pool = try VerificationPool(keys: [], answers: Mailbox(waking: waker))
    pool.stop()

    let many = Array(repeating: try claim(), count: VerificationPool.pieceMax * 16)
    for number in 0..<VerificationPool.waitingMax / 16 {
      try pool.submit(.init(number: UInt64(number), claims: many, source: source))
    }

    let more = VerificationPool.Question(number: 0, claims: [try claim()], source: source)
    XCTAssertThrowsError(try pool.submit(more)) { error in
      XCTAssertEqual((error as? CryptoError)?.code, "verification_busy")
    }
    XCTAssertNoThrow(
      try pool.submit(.init(number: 0, claims: more.claims, source: ObjectIdentifier(waker)))
    )
  }

  func test_pool_whenAQuestionIsLarge_answersItPieceByPiece() throws {
    let waker = try Waker()
    let answers = Mailbox<VerificationPool.Answer>(waking: waker)
    let loop = try EventLoop(waker: waker)
    let pool = try VerificationPool(keys: [], threadsCount: 1, answers: answers)
    defer { pool.stop() }
    (self.loop, self.answers) = (loop, answers)
    isDone = { $0.count >= 16 }

    let many = Array(repeating: try claim(), count: 1_000)
    try pool.submit(.init(number: 3, claims: many, source: source))
    _ = loop.schedule(at: MonotonicClock.now() + 60_000_000, token: 1)
    try loop.run(self)

    XCTAssertFalse(isLate)
    let firsts = Array(stride(from: 0, to: 1_000, by: VerificationPool.pieceMax))
    XCTAssertEqual(found.map(\.first), firsts)
  }

  /// A liar that hands in forgeries for seconds makes nobody else wait for them.
  func test_pool_whenOneSourceFloods_servesTheOthersInTurn() throws {
    let waker = try Waker()
    let answers = Mailbox<VerificationPool.Answer>(waking: waker)
    let loop = try EventLoop(waker: waker)
    let pool = try VerificationPool(keys: [], threadsCount: 1, answers: answers)
    defer { pool.stop() }
    let forged = Array(repeating: try claim(), count: 20_000)
    let other = try claim()
    (self.loop, self.answers) = (loop, answers)
    isDone = { answers in answers.contains { $0.number == 4 } }

    for number in 1...3 as ClosedRange<UInt64> {
      try pool.submit(.init(number: number, claims: forged, source: source))
    }
    try pool.submit(.init(number: 4, claims: [other], source: ObjectIdentifier(waker)))
    _ = loop.schedule(at: MonotonicClock.now() + 60_000_000, token: 1)
    try loop.run(self)

    XCTAssertFalse(isLate)
    let place = try XCTUnwrap(found.firstIndex { $0.number == 4 })
    XCTAssertLessThan(place, 300, "before the first of the three is done")
  }

  private var source: ObjectIdentifier { ObjectIdentifier(self) }

  private func claim() throws -> SignatureClaim {
    let key = try PrivateKey.generate()
    return SignatureClaim(signature: key.sign([1]), bytes: [2], key: key.publicKey)
  }

  func mailArrived() {
    var taken: [VerificationPool.Answer] = []
    answers?.take(into: &taken)
    found += taken
    if isDone(found) { loop?.stop() }
  }

  func timerFired(_ token: UInt64) {
    isLate = true
    loop?.stop()
  }

  func turnEnded() {}

  func acceptingPaused(_ listener: Listener, because error: TransportError) {}
}
