import Consensus
import XCTest

@testable import Raft

/// The rules on time: late turns, contact, log time.
final class TimeTests: XCTestCase {
  func test_turn_whenItBeganLate_restartsTheElectionTimerInsteadOfFiring() {
    var node = RaftCore.followerOfTwo()

    node.tick(node.now.later(milliseconds: 5_000))

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertGreaterThanOrEqual(node.electionDeadline, node.microseconds + 150_000)
  }

  func test_turn_whenEveryTurnIsLate_stillFires() {
    var node = RaftCore.fixture()

    for _ in 0..<6 { node.tick(node.now.later(milliseconds: 100)) }

    XCTAssertEqual(node.status.role, .candidate)
  }

  /// A process that gets its processor in slices (P5).
  func test_turn_whenEveryOtherTurnIsLate_stillFires() {
    var node = RaftCore.fixture()

    for _ in 0..<6 {
      node.tick(node.now.later(milliseconds: 80))
      node.tick(node.now.later(milliseconds: 10))
    }

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_turn_whenEveryOtherOfALeadersIsLate_stillNoticesThatItIsAlone() {
    var leader = RaftCore.leader()

    for _ in 0..<8 {
      leader.tick(leader.now.later(milliseconds: 80))
      leader.tick(leader.now.later(milliseconds: 10))
    }

    XCTAssertNotEqual(leader.status.role, .leader)
  }

  func test_turn_whenTheLeaderWasHeardSince_hasASecondChanceAgain() {
    var node = RaftCore.followerOfTwo()
    node.tick(node.now.later(milliseconds: 5_000))
    node.receive(.heartbeat(term: Term(1), round: 2, commitIndex: .zero), from: .node(2))
    node.tick(node.now.later(milliseconds: 10))

    node.tick(node.now.later(milliseconds: 5_000))

    XCTAssertEqual(node.status.role, .follower)
  }

  func test_turn_whenALeadersBeganLate_givesItsFollowersASecondChance() {
    var leader = RaftCore.leader()

    leader.tick(leader.now.later(milliseconds: 5_000))
    XCTAssertEqual(leader.status.role, .leader)
    leader.pass(milliseconds: 320)

    XCTAssertEqual(leader.status.role, .follower)
  }

  func test_turn_whenMessagesWaited_hearsThemBeforeItJudgesTheTimer() {
    var node = RaftCore.followerOfTwo()
    node.pass(milliseconds: 140)

    node.receive(.heartbeat(term: Term(1), round: 2, commitIndex: .zero), from: .node(2))
    node.tick(node.now.later(milliseconds: 70))
    node.pass(milliseconds: 140)

    XCTAssertEqual(node.status.role, .follower)
  }

  func test_contact_whenAnyFrameOfTheLeaderArrives_counts() {
    let request = RaftMessage.ReadRequest(boot: 1, counter: 1)
    let frames: [RaftMessage] = [
      .heartbeat(term: Term(1), round: 2, commitIndex: .zero),
      .append(term: 1, after: LogMark(1, 0), []),
      .append(term: 1, after: LogMark(7, 1), []),
      .commitAdvanced(term: Term(1), commitIndex: .zero),
      .readIndexAnswer(term: Term(1), request: request, index: .zero),
    ]
    for frame in frames {
      var node = RaftCore.followerOfTwo()
      node.submit(.read(ReadID(1)))
      _ = node.takeEffects()
      node.pass(milliseconds: 140)

      node.receive(frame, from: .node(2))
      node.pass(milliseconds: 140)

      XCTAssertEqual(node.status.role, .follower, frame.text)
    }
  }

  func test_contact_whenTheLeaderSpeaks_isShownNoLaterThanItWas() {
    var node = RaftCore.followerOfTwo()
    let before = node.microseconds

    node.receive(.heartbeat(term: Term(1), round: 2, commitIndex: .zero), from: .node(2))
    node.tick(node.now.later(milliseconds: 10))

    XCTAssertEqual(node.status.leaderContactMicroseconds, before)
  }

  func test_contact_whenLeading_isThatOfAMajority() {
    var leader = RaftCore.leader(of: 5)
    let elected = leader.microseconds
    leader.pass(milliseconds: 100)
    _ = leader.takeEffects()

    leader.answerRound(from: 2)
    XCTAssertEqual(leader.status.leaderContactMicroseconds, elected)
    leader.answerRound(from: 3)

    XCTAssertEqual(leader.status.leaderContactMicroseconds, elected + 100_000)
  }

  func test_clock_whenItGoesBack_isNotFollowed() {
    var node = RaftCore.followerOfTwo()
    let now = node.microseconds

    node.tick(.milliseconds(1))

    XCTAssertEqual(node.microseconds, now)
  }

  func test_logTime_whenALeaderIsElected_goesOnFromTheLastEntry() {
    var leader = RaftCore.leader(log: [1])
    let atElection = leader.entry(at: leader.lastIndex)?.logTimeMicroseconds

    leader.pass(milliseconds: 70)
    leader.submit(.request(.fixture("x")))

    XCTAssertEqual(atElection, 5, "the fixture's entries bear log time 5")
    XCTAssertEqual(leader.entry(at: leader.lastIndex)?.logTimeMicroseconds, 70_005)
  }

  func test_wallTime_whenARequestComes_isTheLeaders() {
    var leader = RaftCore.leader()

    leader.submit(.request(.fixture("x")))

    XCTAssertEqual(
      leader.entry(at: leader.lastIndex)?.wallMilliseconds,
      leader.now.wallMilliseconds
    )
  }
}
