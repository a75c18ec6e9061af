import Consensus
import Wire
import XCTest

@testable import Replication

final class ClientSessionsTests: XCTestCase {
  private let nonce: UInt64 = 77

  func test_register_whenTheNonceIsNew_opensASessionNamedByItsIndex() {
    var sessions = ClientSessions()

    let reply = sessions.register(nonce: nonce, at: place(5))

    XCTAssertEqual(reply, .registered(session: 5))
  }

  func test_register_whenTheNonceIsKnown_findsTheSameSession() {
    var sessions = opened()

    let reply = sessions.register(nonce: nonce, at: place(9))

    XCTAssertEqual(reply, .registered(session: 5))
    XCTAssertEqual(sessions.count, 1)
  }

  func test_write_whenRetried_isAppliedOnceAndRepliesTheSame() {
    var sessions = opened()
    XCTAssertEqual(sessions.admit(write(1), at: 0), .apply)
    sessions.retain([1, 2], of: write(1), at: LogIndex(6))

    let second = sessions.admit(write(1), at: 0)

    XCTAssertEqual(second, .replay(.applied(index: LogIndex(6), bytes: [1, 2])))
  }

  func test_writes_whenTheyOverlap_mayTakeEffectInAnyOrder() {
    var sessions = opened()

    for sequence: UInt64 in [3, 1, 2] {
      XCTAssertEqual(sessions.admit(write(sequence), at: 0), .apply)
      sessions.retain([UInt8(sequence)], of: write(sequence), at: LogIndex(10 + sequence))
    }

    for sequence: UInt64 in 1...3 {
      XCTAssertEqual(
        sessions.admit(write(sequence), at: 0),
        .replay(.applied(index: LogIndex(10 + sequence), bytes: [UInt8(sequence)]))
      )
    }
  }

  func test_write_whenTheClientHasSeenItsAnswer_isRefusedForEver() {
    var sessions = opened()
    apply(1, in: &sessions)

    XCTAssertEqual(sessions.admit(write(2, answeredThrough: 1), at: 0), .apply)
    sessions.retain([], of: write(2), at: LogIndex(8))

    XCTAssertEqual(sessions.admit(write(1), at: 0), .replay(.refused(.sequenceAnswered)))
  }

  func test_write_atTheWindowsEdge_isAppliedAndBehindItRefused() {
    var sessions = opened()

    XCTAssertEqual(sessions.admit(write(256), at: 0), .apply)
    XCTAssertEqual(sessions.admit(write(257), at: 0), .replay(.refused(.sequencePastWindow)))
    XCTAssertEqual(sessions.admit(write(0), at: 0), .replay(.refused(.sequenceAnswered)))
  }

  func test_write_whenItsSessionIsUnknown_isRefused() {
    var sessions = opened()

    let admission = sessions.admit(ClientRequest(.write, session: 6, sequence: 1), at: 0)

    XCTAssertEqual(admission, .replay(.refused(.sessionExpired)))
  }

  func test_window_whenAnswersAreSeen_movesWithoutForgettingWhatIsAbove() {
    var sessions = opened()
    for sequence: UInt64 in 1...200 { apply(sequence, in: &sessions) }

    XCTAssertEqual(sessions.admit(write(400, answeredThrough: 150), at: 0), .apply)
    sessions.retain([9], of: write(400), at: LogIndex(900))

    XCTAssertEqual(
      sessions.admit(write(200), at: 0),
      .replay(.applied(index: LogIndex(1200), bytes: [200]))
    )
    XCTAssertEqual(
      sessions.admit(write(400), at: 0),
      .replay(.applied(index: LogIndex(900), bytes: [9]))
    )
    XCTAssertEqual(sessions.admit(write(150), at: 0), .replay(.refused(.sequenceAnswered)))
  }

  func test_seal_whenTheWriteWasApplied_givesItsReply() {
    var sessions = opened()
    apply(1, in: &sessions)

    XCTAssertEqual(
      sessions.seal(seal(1), at: 0),
      .outcome(.committed(index: LogIndex(1001), bytes: [1]))
    )
  }

  func test_seal_whenTheWriteHasNotArrived_refusesItForEver() {
    var sessions = opened()

    XCTAssertEqual(sessions.seal(seal(1), at: 0), .outcome(.neverCommitted))
    XCTAssertEqual(sessions.admit(write(1), at: 0), .replay(.refused(.sequenceSealed)))
    XCTAssertEqual(sessions.seal(seal(1), at: 0), .outcome(.neverCommitted))
  }

  func test_seal_whenTheAnswerWasSeen_saysSo() {
    var sessions = opened()
    apply(1, in: &sessions)
    XCTAssertEqual(sessions.admit(write(2, answeredThrough: 1), at: 0), .apply)

    XCTAssertEqual(sessions.seal(seal(1), at: 0), .outcome(.answeredBefore))
  }

  func test_session_whenIdleForItsTime_expiresAtTheApplyOfAnEntry() {
    var sessions = opened(timeout: 100)

    sessions.expire(at: 99)
    XCTAssertEqual(sessions.count, 1)
    sessions.expire(at: 100)
    XCTAssertEqual(sessions.count, 0)
    XCTAssertEqual(sessions.seal(seal(1), at: 100), .outcome(.sessionExpired))
  }

  func test_session_whenUsed_livesOn() {
    var sessions = opened(timeout: 100)
    sessions.expire(at: 60)
    XCTAssertEqual(sessions.admit(write(1), at: 60), .apply)

    sessions.expire(at: 159)

    XCTAssertEqual(sessions.count, 1)
    sessions.expire(at: 160)
    XCTAssertEqual(sessions.count, 0)
  }

  func test_register_whenAllSlotsAreInUse_isRefused() {
    var sessions = opened(sessionsMax: 1)

    XCTAssertEqual(
      sessions.register(nonce: 2, at: place(9)),
      .refused(.tooManySessions)
    )
  }

  func test_register_whenASlotIsIdle_takesItsPlace() {
    var sessions = opened(sessionsMax: 1)
    let later = LogPlace(index: LogIndex(9), logTimeMicroseconds: 60_000_000, wallMilliseconds: 0)

    XCTAssertEqual(sessions.register(nonce: 2, at: later), .registered(session: 9))
    XCTAssertEqual(sessions.count, 1)
  }

  func test_close_whenDone_forgetsReplies() {
    var sessions = opened()
    apply(1, in: &sessions)

    sessions.close(5)

    XCTAssertEqual(sessions.admit(write(1), at: 0), .replay(.refused(.sessionExpired)))
    XCTAssertEqual(sessions.register(nonce: nonce, at: place(20)), .registered(session: 20))
  }

  func test_keptReplies_whenTheyReachTheirBytes_refuseMore() {
    var sessions = opened()
    let large = [UInt8](repeating: 7, count: 4000)

    var applied: UInt64 = 0
    for sequence: UInt64 in 1...256 {
      guard sessions.admit(write(sequence), at: 0) == .apply else { break }
      sessions.retain(CompactBytes(large), of: write(sequence), at: LogIndex(100 + sequence))
      applied = sequence
    }

    XCTAssertEqual(applied, 256, "256 replies of 4,000 bytes still fit 1 MiB")
  }

  func test_digest_whenOneReplyDiffers_differs() {
    var left = opened()
    var right = opened()
    apply(1, in: &left)
    XCTAssertEqual(right.admit(write(1), at: 0), .apply)
    right.retain([2], of: write(1), at: LogIndex(1001))

    XCTAssertNotEqual(digest(left), digest(right))
    XCTAssertEqual(digest(left), digest(left))
  }

  private func digest(_ sessions: ClientSessions) -> UInt64 {
    var digest = StateDigest()
    sessions.fold(into: &digest)
    return digest.value
  }

  func test_client_whenItOpensSessionAfterSession_leavesRoomForOthers() {
    var sessions = ClientSessions()
    sessions.configure(
      ClusterConfiguration(seats: [], sessionTimeoutMicroseconds: .max, sessionsMax: 16)
    )
    let (greedy, modest) = (ClientNumber(1), ClientNumber(2))
    func register(_ client: ClientNumber, _ index: UInt64, at now: UInt64) -> ReplicaReply {
      sessions.register(
        nonce: client.owning(index),
        as: client.owning(index),
        at: now,
        of: client
      )
    }

    let replies = [1, 2, 3].map { register(greedy, $0, at: 0) }
    let other = register(modest, 4, at: 0)
    let later = register(greedy, 5, at: ClientSessions.evictableAfterMicroseconds)

    XCTAssertEqual(replies[2], .refused(.tooManySessions))
    XCTAssertEqual(other, .registered(session: modest.owning(4)))
    XCTAssertEqual(later, .registered(session: greedy.owning(5)))
    XCTAssertEqual(sessions.ids, [greedy.owning(2), modest.owning(4), greedy.owning(5)])
  }

  private func opened(timeout: UInt64 = .max, sessionsMax: UInt32 = 10) -> ClientSessions {
    var sessions = ClientSessions()
    sessions.configure(
      ClusterConfiguration(
        seats: [],
        sessionTimeoutMicroseconds: timeout,
        sessionsMax: sessionsMax
      )
    )
    XCTAssertEqual(sessions.register(nonce: nonce, at: place(5)), .registered(session: 5))
    return sessions
  }

  private func apply(_ sequence: UInt64, in sessions: inout ClientSessions) {
    XCTAssertEqual(sessions.admit(write(sequence), at: 0), .apply)
    let bytes: CompactBytes = [UInt8(truncatingIfNeeded: sequence)]
    sessions.retain(bytes, of: write(sequence), at: LogIndex(1000 + sequence))
  }

  private func write(_ sequence: UInt64, answeredThrough: UInt64 = 0) -> ClientRequest {
    ClientRequest(.write, session: 5, sequence: sequence, answeredThrough: answeredThrough)
  }

  private func seal(_ sequence: UInt64) -> ClientRequest {
    ClientRequest(.seal, session: 5, sequence: sequence)
  }

  private func place(_ index: UInt64) -> LogPlace {
    LogPlace(index: LogIndex(index), logTimeMicroseconds: 0, wallMilliseconds: 0)
  }
}

extension ClientSessions {
  /// As where requests are not signed: a session is called by its registration's index.
  fileprivate mutating func register(nonce: UInt64, at place: LogPlace) -> ReplicaReply {
    register(nonce: nonce, as: place.index.rawValue, at: place.logTimeMicroseconds)
  }
}
