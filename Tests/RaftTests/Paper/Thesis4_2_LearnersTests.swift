import Consensus
import XCTest

@testable import Raft

/// Thesis §4.2: learners catch up first, and whoever leaves disturbs nobody.
final class Thesis4_2_LearnersTests: XCTestCase {
  // MARK: Learners, §4.2.1

  func test_4_2_1_learner_whenAdded_isSentTheLogAndDoesNotCount() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.add(.fixture(4))))
    let effects = leader.sync()

    leader.acknowledge(from: 4)

    XCTAssertFalse(effects.messages(to: 4).isEmpty)
    XCTAssertLessThan(leader.commitIndex, leader.lastIndex)
  }

  func test_4_2_1_learner_whenItHasCaughtUp_isPromotedByItself() {
    var leader = RaftCore.withLearner()

    leader.catchUp(4)

    XCTAssertEqual(leader.configuration.text, "1 2 3 4 from 1 2 3")
  }

  func test_4_2_1_learner_whenItIsHeld_waitsForItsPromotion() {
    var leader = RaftCore.withLearner(.fixture(4, promotesItself: false))
    leader.catchUp(4)
    XCTAssertEqual(leader.configuration.text, "1 2 3 learns 4")

    leader.submit(.reconfigure(.promote(NodeID(4))))

    XCTAssertEqual(leader.configuration.text, "1 2 3 4 from 1 2 3")
  }

  func test_4_2_1_learner_whenItHasNotCaughtUp_isNotPromoted() {
    var leader = RaftCore.withLearner(.fixture(4, promotesItself: false))

    leader.submit(.reconfigure(.promote(NodeID(4))))

    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.learnerBehind)])
  }

  func test_4_2_1_learner_whenItFollowsTooSlowly_isNotPromoted() {
    var leader = RaftCore.withLearner()

    leader.pass(milliseconds: 700, whileFollowersAnswer: true)
    leader.acknowledge(from: 4)
    leader.pass(milliseconds: 20)

    XCTAssertEqual(leader.configuration.text, "1 2 3 learns 4")
  }

  func test_4_2_1_learner_whenItReplacesAVoter_takesItsPlaceInOneStep() {
    var leader = RaftCore.withLearner(.fixture(4, replaces: 3))

    leader.catchUp(4)

    XCTAssertEqual(leader.configuration.text, "1 2 4 from 1 2 3")
  }

  func test_4_2_1_learner_whenItHoldsANewDirectoryOfAVoter_replacesIt() {
    var learner = ClusterConfiguration.Learner.fixture(3, replaces: 3)
    learner.seat.member = Member(id: NodeID(3), incarnation: Incarnation(999))
    var leader = RaftCore.withLearner(learner)

    leader.catchUp(learner.seat.member)

    XCTAssertEqual(leader.configuration.seats.map(\.member).last, learner.seat.member)
    XCTAssertEqual(leader.configuration.outgoing.map(\.member).last, .node(3))
  }

  func test_4_2_1_learner_whenNobodyLeads_doesNotStand() {
    var node = RaftCore.fixture(4, of: 4)
    var configuration = ClusterConfiguration.fixture(of: 3)
    configuration.learners = [.fixture(4)]
    node = RaftCore.recovered(4, RaftCore.initialRecords(for: configuration))

    node.fireElectionTimer()

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertTrue(node.takeEffects().messages.isEmpty)
  }

  func test_4_2_1_learner_whenACandidateCountsIt_grantsItsVote() {
    var configuration = ClusterConfiguration.fixture(of: 3)
    configuration.learners = [.fixture(4)]
    var node = RaftCore.recovered(4, RaftCore.initialRecords(for: configuration))

    node.receive(
      .requestVote(term: Term(2), last: LogMark(5, 1), isTransfer: false),
      from: .node(2)
    )

    XCTAssertEqual(
      node.takeEffects().promises(to: 2),
      [.voteAnswer(term: Term(2), isGranted: true)]
    )
  }

  // MARK: Joiners

  func test_4_2_1_joiner_whenAnybodyLeads_takesItsLog() {
    var joiner = RaftCore.recovered(4, RaftCore.joinerRecords)
    let first = LogEntry.configuration(.fixture(of: 3), term: 0)

    joiner.receive(
      .appendEntries(
        .init(
          term: Term(1),
          previous: LogMark(0, 0),
          commitIndex: LogIndex(1),
          entries: [first, .fixture(term: 1)]
        )
      ),
      from: .node(1)
    )

    XCTAssertEqual(joiner.configuration, .fixture(of: 3))
    XCTAssertEqual(joiner.lastIndex, LogIndex(2))
    XCTAssertEqual(joiner.status.leader, NodeID(1))
  }

  func test_4_2_1_joiner_whenNobodySpeaks_keepsStill() {
    var joiner = RaftCore.recovered(4, RaftCore.joinerRecords)

    joiner.fireElectionTimer()
    joiner.pass(milliseconds: 1_000)

    let effects = joiner.takeEffects()
    XCTAssertTrue(effects.messages.isEmpty && effects.messagesAfterSync.isEmpty)
    XCTAssertEqual(joiner.currentTerm, Term(0))
  }

  // MARK: Removing the leader, §4.2.2

  func test_4_2_2_leader_whenItRemovesItself_doesNotCountItself() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.remove(NodeID(1))))
    leader.sync()
    leader.acknowledge(from: 2)
    leader.acknowledge(from: 3)
    XCTAssertEqual(leader.configuration.text, "2 3")
    leader.sync()

    leader.acknowledge(from: 2)

    XCTAssertLessThan(leader.commitIndex, leader.lastIndex)
    XCTAssertEqual(leader.status.role, .leader)
  }

  func test_4_2_2_leader_whenItsRemovalIsCommitted_handsOverAndGoes() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.remove(NodeID(1))))
    leader.sync()
    for peer in [2, 3] { leader.acknowledge(from: peer) }
    leader.sync()
    for peer in [2, 3] { leader.acknowledge(from: peer) }

    let effects = leader.takeEffects()
    leader.pass(milliseconds: 400)

    let told = [2, 3].filter { effects.messages(to: $0).contains(.timeoutNow(term: Term(1))) }
    XCTAssertEqual(told.count, 1)
    XCTAssertNotNil(effects.reconfigured)
    XCTAssertEqual(leader.status.role, .follower)
    leader.fireElectionTimer()
    XCTAssertEqual(leader.status.role, .follower)
  }

  /// etcd #10563: its log may hold what the one who stays lacks.
  func test_4_2_2_leavingNode_whileItsRemovalIsNotCommitted_stillStands() {
    var joint = ClusterConfiguration.fixture(of: 2)
    joint.outgoing = joint.seats
    joint.seats = [.fixture(2)]
    var alone = joint
    alone.outgoing = []
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 2)) + [
        .hardState(term: Term(1), votedFor: nil), .entry(LogIndex(2), .configuration(joint)),
        .entry(LogIndex(3), .configuration(alone)),
      ]
    )

    node.fireElectionTimer()

    XCTAssertEqual(
      node.takeEffects().messages(to: 2),
      [.requestPreVote(term: Term(2), last: LogMark(3, 1))]
    )
  }

  // MARK: Disruptive nodes, §4.2.3

  func test_4_2_3_removedNode_whenItAsksForVotes_isTold() {
    var node = RaftCore.withoutThree()

    node.receive(.requestPreVote(term: Term(9), last: LogMark(2, 1)), from: .node(3))

    XCTAssertEqual(
      node.takeEffects().messages(to: 3),
      [.removed(term: node.currentTerm, configurationIndex: node.configurationIndex)]
    )
  }

  func test_4_2_3_removedNode_whenItsLogMayBeNewer_isHeardLikeAnyCandidate() {
    var node = RaftCore.withoutThree()
    node.receive(.termPassed(term: node.currentTerm.next), from: .node(2))

    node.receive(.requestPreVote(term: Term(9), last: LogMark(50, 8)), from: .node(3))

    XCTAssertEqual(
      node.takeEffects().messages(to: 3),
      [.preVoteAnswer(term: Term(9), isGranted: true)]
    )
  }

  func test_4_2_3_removedNode_whenToldSo_standsNoMore() {
    var node = RaftCore.fixture(3)
    node.fireElectionTimer()
    _ = node.takeEffects()

    node.receive(.removed(term: Term(1), configurationIndex: LogIndex(7)), from: .node(2))
    let told = node.takeEffects()
    node.fireElectionTimer()

    XCTAssertTrue(told.isRemoved)
    XCTAssertEqual(node.status.role, .follower)
    XCTAssertTrue(node.takeEffects().messages.isEmpty)
  }

  func test_4_2_3_removedNode_whenALeaderAddsItAgain_standsAgain() {
    var node = RaftCore.fixture(3)
    node.receive(.removed(term: Term(1), configurationIndex: LogIndex(1)), from: .node(2))
    node.store(.fixture(of: 3))

    node.fireElectionTimer()

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_M4_removedNode_whenGivenAConfigurationOfBefore_standsNoMore() {
    var node = RaftCore.fixture(3)
    node.receive(.removed(term: Term(1), configurationIndex: LogIndex(7)), from: .node(2))
    node.store(.fixture(of: 3))

    node.fireElectionTimer()

    XCTAssertEqual(node.status.role, .follower)
  }

  func test_4_2_3_member_whenAnOldWordSaysItWasRemoved_doesNotBelieveIt() {
    var node = RaftCore.fixture(3)
    node.store(.fixture(of: 3))

    node.receive(.removed(term: Term(1), configurationIndex: LogIndex(1)), from: .node(2))
    node.fireElectionTimer()

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_4_2_3_stranger_whenItAnswers_countsForNothing() {
    var node = RaftCore.fixture()
    node.fireElectionTimer()

    node.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(4))

    XCTAssertEqual(node.currentTerm, Term(0))
  }

  func test_4_1_follower_whenTheLeaderIsUnknownToIt_followsIt() {
    var node = RaftCore.fixture()

    node.receive(.heartbeat(term: Term(3), round: 1, commitIndex: .zero), from: .node(4))

    XCTAssertEqual(node.status.leader, NodeID(4))
    XCTAssertEqual(node.currentTerm, Term(3))
  }
}

extension RaftCore {
  /// A leader of three with a learner whose configuration is committed.
  fileprivate static func withLearner(
    _ learner: ClusterConfiguration.Learner = .fixture(4)
  ) -> RaftCore {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.add(learner)))
    leader.sync()
    leader.acknowledge(from: 2)
    _ = leader.takeEffects()
    return leader
  }

  /// A leader of 1 and 2 that has removed 3.
  fileprivate static func withoutThree() -> RaftCore {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.remove(NodeID(3))))
    leader.sync()
    leader.acknowledge(from: 2)
    leader.sync()
    leader.acknowledge(from: 2)
    _ = leader.takeEffects()
    return leader
  }

  fileprivate mutating func catchUp(_ number: Int) { catchUp(.node(number)) }

  /// A learner holds everything, in two rounds.
  fileprivate mutating func catchUp(_ member: Member) {
    for _ in 0..<2 {
      receive(
        .appendAccepted(term: currentTerm, matchIndex: lastIndex, hasRoom: true),
        from: member
      )
      pass(milliseconds: 20)
    }
  }
}
