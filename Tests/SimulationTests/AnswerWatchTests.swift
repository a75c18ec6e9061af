import ClientProtocol
import Consensus
import Raft
import XCTest

@testable import Simulation

/// The judges of what nodes answer: what is right passes, each kind of lie is found.
final class AnswerWatchTests: XCTestCase {
  private static let leader = Member(id: NodeID(2), incarnation: Incarnation(2))
  private static let life = Limits.cursorLifeMicroseconds

  // MARK: - Stale reads

  func test_staleRead_whenTheLeaderWasHeardWithinItsLag_mayBeAnswered() {
    let watch = heard(term: 3)

    XCTAssertTrue(mayHaveHeard(watch, within: 100, at: 1_100))
    XCTAssertTrue(hasHeard(watch, within: 200, at: 1_100))
  }

  func test_staleRead_whenTheLeaderWasHeardBefore_mayNotBeAnswered() {
    let watch = heard(term: 3)

    XCTAssertFalse(mayHaveHeard(watch, within: 100, at: 1_101))
    XCTAssertFalse(hasHeard(watch, within: 100, at: 1_101))
  }

  func test_staleRead_whenOnlyALeaderOfThePastWasHeard_mayNotBeAnswered() {
    let watch = heard(term: 2)

    XCTAssertFalse(mayHaveHeard(watch, within: 100, at: 1_000))
  }

  // MARK: - Refusals

  func test_refusal_whenItHasToDoWithTheRequest_isAllowed() {
    XCTAssertTrue(RequestAim.read(.none).mayBeRefused(.noLeader))
    XCTAssertTrue(RequestAim.write.mayBeRefused(.diskFull))
    XCTAssertTrue(RequestAim.session(isNew: true).mayBeRefused(.tooManySessions))
    XCTAssertTrue(stale.mayBeRefused(.tooStale))
  }

  func test_refusal_whenItHasNothingToDoWithTheRequest_isNotAllowed() {
    XCTAssertFalse(RequestAim.read(.none).mayBeRefused(.diskFull))
    XCTAssertFalse(RequestAim.read(.none).mayBeRefused(.tooStale))
    XCTAssertFalse(RequestAim.write.mayBeRefused(.tooManySessions))
    XCTAssertFalse(stale.mayBeRefused(.sessionExpired))
  }

  // MARK: - Scans

  func test_scan_whenItExpiresAfterItsLife_isAllowed() {
    var watch = CursorWatch()

    XCTAssertNil(watch.answered(.first, page(7), at: 1_000))
    XCTAssertNil(watch.answered(.next(cursor: 7), expired, at: 1_000 + Self.life))
  }

  func test_scan_whenItExpiresEarly_isReported() {
    var watch = CursorWatch()

    XCTAssertNil(watch.answered(.first, page(7), at: 1_000))
    XCTAssertNotNil(watch.answered(.next(cursor: 7), expired, at: 999 + Self.life))
  }

  func test_scan_whenItIsHeldTooLong_isReported() {
    var watch = CursorWatch()

    XCTAssertNil(watch.answered(.first, page(7), at: 1_000))
    XCTAssertNil(watch.answered(.next(cursor: 7), page(8), at: 999 + Self.life))
    XCTAssertNotNil(watch.answered(.next(cursor: 8), page(9), at: 1_000 + Self.life))
  }

  func test_scan_whenNobodyAsksForItAnyMore_mayBeKeptForItsLifeAndNoLonger() {
    XCTAssertNil(CursorWatch.objection(toScanSince: nil, at: 1_000))
    XCTAssertNil(CursorWatch.objection(toScanSince: 1_000, at: 999 + Self.life))
    XCTAssertNotNil(CursorWatch.objection(toScanSince: 1_000, at: 1_000 + Self.life))
  }

  func test_scan_whenItsPageWasTaken_hasExpiredForWhoeverAsksAgain() {
    var watch = CursorWatch()

    XCTAssertNil(watch.answered(.first, page(7), at: 1_000))
    XCTAssertNil(watch.answered(.next(cursor: 7), page(8), at: 2_000))
    XCTAssertNil(watch.answered(.next(cursor: 7), expired, at: 3_000))
  }

  // MARK: - Log time

  func test_logTime_whenItFollowsTheClock_isAllowed() {
    var watch = LogTimeWatch()

    XCTAssertNil(watch.appended(entry(50), in: 1_000...1_010) { self.entry(45) })
    XCTAssertNil(watch.appended(entry(150), in: 1_100...1_110) { nil })
  }

  func test_logTime_whenItRunsAheadOrBehind_isReported() {
    for late: UInt64 in [49, 89, 161] {
      var watch = LogTimeWatch()

      XCTAssertNil(watch.appended(entry(50), in: 1_000...1_010) { self.entry(45) })
      XCTAssertNotNil(watch.appended(entry(late), in: 1_100...1_110) { nil }, "\(late)")
    }
  }

  func test_logTime_whenNobodyLed_stoodStill() {
    for (first, isRight) in [(44, false), (45, true), (55, true), (56, false)] as [(UInt64, Bool)] {
      var watch = LogTimeWatch()

      let reason = watch.appended(entry(first), in: 1_000...1_010) { self.entry(45) }

      XCTAssertEqual(reason == nil, isRight, "\(first)")
    }
  }

  // MARK: - Operators

  func test_change_whenTheConfigurationSaysSo_isDone() {
    let before = configuration([1, 2, 3])

    XCTAssertTrue(OperatorWatch.isDone(.remove(NodeID(3)), configuration([1, 2])))
    XCTAssertFalse(OperatorWatch.isDone(.remove(NodeID(3)), before))
    XCTAssertFalse(OperatorWatch.isDone(.promote(NodeID(4)), before))
  }

  func test_change_whenItWasRefusedAndIsCommitted_isReported() {
    var watch = OperatorWatch()
    let address = watch.nextAddress()
    var moved = configuration([1, 2, 3])
    moved.seats[0].peerAddress = address
    let change = MembershipChange.update(NodeID(1), clientAddress: "a:1", peerAddress: address)

    watch.refused(.change(change), .leadershipLost)
    XCTAssertNil(watch.objection(to: moved), "nobody can say")
    watch.refused(.change(change), .changeInProgress)
    XCTAssertNotNil(watch.objection(to: moved))
  }

  // MARK: - Words

  private var stale: RequestAim { .staleRead(lagMax: 1, committed: .zero, .none) }

  private var status: CoreStatus {
    CoreStatus(
      role: .follower,
      term: Term(3),
      leader: Self.leader.id,
      commitIndex: .zero,
      lastIndex: .zero,
      leaderContactMicroseconds: nil
    )
  }

  /// A node has heard a heartbeat at 1,000.
  private func heard(term: UInt64) -> ContactWatch {
    var watch = ContactWatch()
    let heartbeat = RaftMessage.heartbeat(term: Term(term), round: 1, commitIndex: .zero)
    watch.heard(heartbeat, from: Self.leader, at: 1_000, lastTurn: 950)
    return watch
  }

  private func mayHaveHeard(_ watch: ContactWatch, within lag: UInt64, at now: UInt64) -> Bool {
    watch.mayHaveHeard(
      within: lag,
      at: now,
      status,
      following: Self.leader,
      electedAt: nil
    ) { _ in false }
  }

  private func hasHeard(_ watch: ContactWatch, within lag: UInt64, at now: UInt64) -> Bool {
    watch.hasHeard(within: lag, at: now, status, following: Self.leader)
  }

  private func page(_ cursor: UInt64) -> [UInt8] {
    QueryReply.page(.init(atRevision: 1, cursor: cursor, entries: [])).encoded()
  }

  private var expired: [UInt8] { QueryReply.failed(.init(.cursorExpired, "")).encoded() }

  private func entry(_ logTime: UInt64) -> LogEntry {
    LogEntry(.noOp, term: Term(3), logTimeMicroseconds: logTime, wallMilliseconds: 0)
  }

  private func configuration(_ ids: [UInt32]) -> ClusterConfiguration {
    ClusterConfiguration(
      seats: ids.map { id in
        ClusterConfiguration.Seat(
          member: Member(id: NodeID(id), incarnation: Incarnation(1)),
          clientAddress: "c:\(id)",
          peerAddress: "p:\(id)"
        )
      },
      sessionTimeoutMicroseconds: 1,
      sessionsMax: 1
    )
  }
}
