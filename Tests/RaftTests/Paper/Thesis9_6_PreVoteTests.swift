import Consensus
import XCTest

@testable import Raft

/// Raft thesis §9.6 (PreVote) and §6.2 (a leader without a quorum steps down).
final class Thesis9_6_PreVoteTests: XCTestCase {
  func test_9_6_node_whenItsTimerRunsOut_asksBeforeItChangesAnything() {
    var node = RaftCore.fixture(term: 4)

    node.fireElectionTimer()

    let effects = node.takeEffects()
    XCTAssertEqual(node.currentTerm, Term(4))
    XCTAssertTrue(effects.records.isEmpty)
    XCTAssertEqual(
      effects.messages(to: 2),
      [.requestPreVote(term: Term(5), last: LogMark(1, 0))]
    )
  }

  func test_9_6_node_whenAskedForAPreVote_promisesNothing() {
    var node = RaftCore.fixture(term: 4)

    node.receive(.requestPreVote(term: Term(9), last: LogMark(1, 0)), from: .node(2))
    node.receive(.requestPreVote(term: Term(9), last: LogMark(1, 0)), from: .node(3))

    let effects = node.takeEffects()
    XCTAssertEqual(node.currentTerm, Term(4))
    XCTAssertTrue(effects.records.isEmpty)
    let grant = RaftMessage.preVoteAnswer(term: Term(9), isGranted: true)
    XCTAssertEqual(effects.messages(to: 2), [grant])
    XCTAssertEqual(effects.messages(to: 3), [grant])
  }

  func test_9_6_follower_whenItsLeaderIsAlive_refusesPreVotes() {
    var node = RaftCore.followerOfTwo()

    node.receive(.requestPreVote(term: Term(2), last: LogMark(9, 1)), from: .node(3))

    XCTAssertEqual(
      node.takeEffects().messages(to: 3),
      [.preVoteAnswer(term: Term(1), isGranted: false)]
    )
  }

  func test_9_6_follower_whenItsLeaderIsSilentForTheShortestTimeout_grants() {
    var node = RaftCore.followerOfTwo()
    node.pass(milliseconds: 140)
    node.receive(.requestPreVote(term: Term(2), last: LogMark(9, 1)), from: .node(3))
    node.electionDeadline = .max
    node.pass(milliseconds: 20)

    node.receive(.requestPreVote(term: Term(2), last: LogMark(9, 1)), from: .node(3))

    XCTAssertEqual(
      node.takeEffects().messages(to: 3),
      [
        .preVoteAnswer(term: Term(1), isGranted: false),
        .preVoteAnswer(term: Term(2), isGranted: true),
      ]
    )
  }

  func test_9_6_leader_whenAskedForAPreVote_refuses() {
    var leader = RaftCore.leader()

    leader.receive(.requestPreVote(term: Term(2), last: LogMark(9, 1)), from: .node(3))

    XCTAssertEqual(
      leader.takeEffects().messages(to: 3),
      [.preVoteAnswer(term: Term(1), isGranted: false)]
    )
  }

  func test_9_6_follower_whenItsLeaderIsAlive_ignoresVoteRequestsAndTheirTerm() {
    var node = RaftCore.followerOfTwo()

    node.receive(.fixtureRequestVote(term: 7, last: LogMark(9, 6)), from: .node(3))

    XCTAssertEqual(node.currentTerm, Term(1))
    XCTAssertTrue(node.takeEffects().messages(to: 3).isEmpty)
  }

  func test_9_6_preCandidate_whenRefusedWithALaterTerm_adoptsIt() {
    var node = RaftCore.fixture()
    node.fireElectionTimer()

    node.receive(.preVoteAnswer(term: Term(6), isGranted: false), from: .node(2))

    XCTAssertEqual(node.currentTerm, Term(6))
    XCTAssertEqual(node.status.role, .follower)
  }

  func test_9_6_preCandidate_whenItsLeaderReturns_stepsBack() {
    var node = RaftCore.followerOfTwo()
    node.fireElectionTimer()
    XCTAssertEqual(node.status.role, .candidate)

    node.receive(.heartbeat(term: Term(1), round: 2, commitIndex: .zero), from: .node(2))

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertEqual(node.status.leader, NodeID(2))
    node.receive(.preVoteAnswer(term: Term(2), isGranted: true), from: .node(3))
    XCTAssertEqual(node.currentTerm, Term(1))
  }

  func test_9_6_preCandidate_whenGrantsAreOfAnotherTerm_doesNotCountThem() {
    var node = RaftCore.fixture(term: 4)
    node.fireElectionTimer()

    node.receive(.preVoteAnswer(term: Term(4), isGranted: true), from: .node(2))
    node.receive(.preVoteAnswer(term: Term(9), isGranted: true), from: .node(3))

    XCTAssertEqual(node.currentTerm, Term(4))
  }

  func test_9_6_preCandidate_whenAskedForAVoteInItsTerm_votes() {
    var node = RaftCore.fixture(term: 4)
    node.fireElectionTimer()

    node.receive(.fixtureRequestVote(term: 4), from: .node(2))

    XCTAssertEqual(node.votedFor, .node(2))
    XCTAssertEqual(node.status.role, .follower)
  }

  func test_9_6_isolatedNode_whenItTriesForever_keepsItsTerm() {
    var node = RaftCore.fixture(term: 4)

    node.pass(milliseconds: 20_000)

    XCTAssertEqual(node.currentTerm, Term(4))
  }

  func test_6_2_leader_whenNoQuorumAnswersForTheLongestTimeout_stepsDown() {
    var leader = RaftCore.leader()

    leader.pass(milliseconds: 290)
    XCTAssertEqual(leader.status.role, .leader)
    leader.pass(milliseconds: 30)

    XCTAssertEqual(leader.status.role, .follower)
    XCTAssertNil(leader.status.leader)
    XCTAssertEqual(leader.currentTerm, Term(1))
  }

  func test_6_2_leader_whenItHasSteppedDown_grantsPreVotesAtOnce() {
    var leader = RaftCore.leader()
    leader.pass(milliseconds: 320)
    _ = leader.takeEffects()

    leader.receive(.requestPreVote(term: Term(2), last: leader.log.last), from: .node(3))

    XCTAssertEqual(
      leader.takeEffects().messages(to: 3),
      [.preVoteAnswer(term: Term(2), isGranted: true)]
    )
  }

  func test_6_2_leader_whenOnlyRequestsReachIt_stepsDown() {
    var leader = RaftCore.leader()

    for _ in 0..<8 {
      leader.pass(milliseconds: 40)
      leader.receive(.requestPreVote(term: Term(2), last: LogMark(2, 1)), from: .node(2))
      leader.receive(.requestPreVote(term: Term(2), last: LogMark(2, 1)), from: .node(3))
    }

    XCTAssertEqual(leader.status.role, .follower)
  }

  func test_6_2_leader_whenAQuorumAnswers_stays() {
    var leader = RaftCore.leader(of: 5)

    for _ in 0..<20 {
      leader.pass(milliseconds: 50)
      _ = leader.takeEffects()
      leader.answerRound(from: 2)
      leader.answerRound(from: 4)
    }

    XCTAssertEqual(leader.status.role, .leader)
  }
}
