import Consensus
import XCTest

@testable import Raft

/// Raft §5.1: terms.
final class Section5_1_TermsTests: XCTestCase {
  func test_5_1_follower_whenAHigherTermAppears_adoptsAndRecordsIt() {
    var node = RaftCore.fixture(term: 1)

    node.receive(.heartbeat(term: Term(3), round: 1, commitIndex: .zero), from: .node(2))

    XCTAssertEqual(node.currentTerm, Term(3))
    XCTAssertEqual(node.takeEffects().records, [.hardState(term: Term(3), votedFor: nil)])
  }

  func test_5_1_leader_whenAHigherTermAppears_becomesFollower() {
    var leader = RaftCore.leader()

    leader.receive(.termPassed(term: Term(5)), from: .node(2))

    XCTAssertEqual(leader.status.role, .follower)
    XCTAssertEqual(leader.currentTerm, Term(5))
  }

  func test_5_1_candidate_whenAHigherTermAppears_becomesFollower() {
    var node = RaftCore.fixture()
    node.fireElectionTimer()
    node.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))

    node.receive(.voteAnswer(term: Term(4), isGranted: false), from: .node(3))

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertEqual(node.currentTerm, Term(4))
  }

  func test_5_1_node_whenEntriesOfAPastTermArrive_rejectsThemWithItsTerm() {
    var node = RaftCore.fixture(term: 3)

    node.receive(
      .appendEntries(
        .init(
          term: Term(2),
          previous: LogMark(1, 0),
          commitIndex: LogIndex(2),
          entries: [.fixture(term: 2)]
        )
      ),
      from: .node(2)
    )

    XCTAssertEqual(node.takeEffects().messages(to: 2), [.termPassed(term: Term(3))])
    XCTAssertEqual(node.lastIndex, LogIndex(1))
    XCTAssertEqual(node.commitIndex, .zero)
  }

  func test_5_1_node_whenAHeartbeatOfAPastTermArrives_doesNotFollowItsSender() {
    var node = RaftCore.fixture(term: 3)

    node.receive(.heartbeat(term: Term(2), round: 1, commitIndex: .zero), from: .node(2))

    XCTAssertNil(node.status.leader)
    XCTAssertEqual(node.takeEffects().messages(to: 2), [.termPassed(term: Term(3))])
  }

  func test_5_1_node_whenAVoteOfAPastTermIsRequested_refusesWithItsTerm() {
    var node = RaftCore.fixture(term: 3)

    node.receive(
      .requestVote(term: Term(2), last: LogMark(9, 2), isTransfer: false),
      from: .node(2)
    )

    let answer = RaftMessage.voteAnswer(term: Term(3), isGranted: false)
    XCTAssertEqual(node.takeEffects().messages(to: 2), [answer])
  }

  func test_5_1_leader_whenAnswersOfAPastTermArrive_ignoresThem() {
    var leader = RaftCore.leader(term: 4)
    leader.submit(.request(.fixture("x")))
    let index = leader.lastIndex
    leader.sync()

    for peer in 2...3 {
      leader.receive(
        .appendAccepted(term: Term(4), matchIndex: index, hasRoom: true),
        from: .node(peer)
      )
    }

    XCTAssertEqual(leader.commitIndex, index.previous)
  }

  func test_5_1_node_whenTheSenderIsNoMember_ignoresIt() {
    var node = RaftCore.fixture()
    let stranger = Member(id: NodeID(2), incarnation: Incarnation(999))

    node.receive(.termPassed(term: Term(9)), from: stranger)
    node.receive(.termPassed(term: Term(9)), from: .node(4))

    XCTAssertEqual(node.currentTerm, Term(0))
  }

  func test_5_1_node_whenRestarted_keepsTermAndVote() {
    let node = RaftCore.fixture(term: 7, votedFor: 2)

    XCTAssertEqual(node.currentTerm, Term(7))
    XCTAssertEqual(node.votedFor, .node(2))
  }
}
