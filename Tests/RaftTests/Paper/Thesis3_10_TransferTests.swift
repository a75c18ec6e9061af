import Consensus
import XCTest

@testable import Raft

/// Raft thesis §3.10: leadership transfer.
final class Thesis3_10_TransferTests: XCTestCase {
  func test_3_10_leader_whenTheTargetIsCaughtUp_tellsItToCampaign() {
    var leader = RaftCore.leader()

    leader.submit(.transfer(to: NodeID(3)))

    let effects = leader.takeEffects()
    XCTAssertEqual(effects.messages(to: 3), [.timeoutNow(term: Term(1))])
    XCTAssertEqual(effects.messages(to: 2), [])
  }

  func test_3_10_leader_whenTheTargetLags_bringsItUpFirst() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    leader.submit(.transfer(to: NodeID(3)))
    XCTAssertFalse(leader.sync().messages(to: 3).contains(.timeoutNow(term: Term(1))))

    leader.acknowledge(from: 3)

    XCTAssertTrue(leader.takeEffects().messages(to: 3).contains(.timeoutNow(term: Term(1))))
  }

  func test_3_10_leader_whenTransferring_refusesProposalsAndResumesAfterATimeout() {
    var leader = RaftCore.leader()
    leader.submit(.transfer(to: NodeID(3)))
    leader.submit(.request(.fixture("x")))
    let key = ClientRequest.fixture("x").key
    XCTAssertEqual(leader.takeEffects().refused, [.request(key, .transferInProgress)])

    leader.pass(milliseconds: 300, whileFollowersAnswer: true)
    leader.submit(.request(.fixture("x")))

    XCTAssertEqual(leader.takeEffects().refused, [.transfer(.transferFailed)])
    XCTAssertEqual(leader.entry(at: leader.lastIndex)?.text, "x")
  }

  func test_3_10_leader_whenATransferRuns_refusesAnother() {
    var leader = RaftCore.leader()
    leader.submit(.transfer(to: NodeID(3)))

    leader.submit(.transfer(to: NodeID(2)))

    XCTAssertEqual(leader.takeEffects().refused, [.transfer(.transferInProgress)])
  }

  func test_3_10_leader_whenTheTargetIsUnknownOrItself_fails() {
    for target: UInt32 in [1, 9] {
      var leader = RaftCore.leader()

      leader.submit(.transfer(to: NodeID(target)))

      XCTAssertEqual(leader.takeEffects().refused, [.transfer(.transferFailed)])
    }
  }

  func test_3_10_leader_whenTheTargetTakesOver_refusesNothing() {
    var leader = RaftCore.leader()
    leader.submit(.transfer(to: NodeID(3)))
    _ = leader.takeEffects()

    leader.receive(
      .fixtureRequestVote(term: 2, last: leader.log.last, isTransfer: true),
      from: .node(3)
    )

    let effects = leader.takeEffects()
    XCTAssertEqual(effects.refused, [])
    XCTAssertEqual(effects.promises(to: 3), [.voteAnswer(term: Term(2), isGranted: true)])
  }

  func test_3_10_target_whenTold_campaignsWithoutPreVoteAndSaysWhy() {
    var node = RaftCore.fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))
    node.sync()

    node.receive(.timeoutNow(term: Term(1)), from: .node(2))

    XCTAssertEqual(
      node.takeEffects().promises(to: 3),
      [.fixtureRequestVote(term: 2, isTransfer: true)]
    )
  }

  func test_3_10_target_whenToldByOneWhoDoesNotLead_doesNothing() {
    var node = RaftCore.fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))

    node.receive(.timeoutNow(term: Term(1)), from: .node(3))
    node.receive(.timeoutNow(term: Term(0)), from: .node(2))

    XCTAssertEqual(node.currentTerm, Term(1))
    XCTAssertEqual(node.status.role, .follower)
  }

  func test_3_10_voter_whenTheLeaderIsAlive_hearsATransfersRequest() {
    var node = RaftCore.fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))

    node.receive(.fixtureRequestVote(term: 2, isTransfer: true), from: .node(3))

    XCTAssertEqual(node.votedFor, .node(3))
  }
}

extension RaftCore {
  /// Time passes while the followers answer every heartbeat.
  mutating func pass(milliseconds: UInt64, whileFollowersAnswer: Bool) {
    for _ in 0..<milliseconds / 10 {
      pass(milliseconds: 10)
      guard whileFollowersAnswer, let state = role.leader else { continue }
      for follower in state.followers {
        receive(
          .heartbeatAnswer(
            term: currentTerm,
            round: state.round,
            verifiedIndex: lastIndex,
            hasRoom: true
          ),
          from: follower.member
        )
      }
    }
  }
}
