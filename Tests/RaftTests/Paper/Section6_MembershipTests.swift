import Consensus
import XCTest

@testable import Raft

/// Raft §6, thesis §4.1 and §4.3: members change by joint consensus.
final class Section6_MembershipTests: XCTestCase {
  // MARK: Joint consensus

  func test_6_leader_whenAVoterIsRemoved_beginsWithTheJointConfiguration() {
    var leader = RaftCore.leader()

    leader.submit(.reconfigure(.remove(NodeID(3))))

    XCTAssertEqual(leader.configuration.text, "1 2 from 1 2 3")
    XCTAssertEqual(leader.configurationIndex, leader.lastIndex)
    XCTAssertNil(leader.takeEffects().reconfigured)
  }

  func test_6_leader_whenTheJointConfigurationIsCommitted_goesOnToTheNewOne() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.remove(NodeID(3))))
    leader.sync()

    leader.acknowledge(from: 2)

    XCTAssertEqual(leader.configuration.text, "1 2")
    XCTAssertEqual(leader.commitIndex, leader.lastIndex.previous)
  }

  func test_6_leader_whenTheNewConfigurationIsCommitted_saysThatItIsDone() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.remove(NodeID(3))))
    leader.sync()
    leader.acknowledge(from: 2)
    leader.sync()

    leader.acknowledge(from: 2)

    XCTAssertEqual(leader.takeEffects().reconfigured, leader.lastIndex)
  }

  func test_6_jointConfiguration_whenOnlyOneGroupHoldsIt_isNotCommitted() {
    var leader = RaftCore.leader(of: 5)
    leader.submit(.reconfigure(.remove(NodeID(5))))
    leader.sync()
    let joint = leader.lastIndex

    // Three of the old five hold it, and two of the new four.
    leader.acknowledge(from: 4)
    leader.acknowledge(from: 5)
    XCTAssertLessThan(leader.commitIndex, joint)
    leader.acknowledge(from: 2)

    XCTAssertGreaterThanOrEqual(leader.commitIndex, joint)
  }

  func test_6_candidate_whenItsConfigurationIsJoint_needsBothMajorities() {
    var node = RaftCore.fixture(2, of: 3)
    var joint = ClusterConfiguration.fixture(of: 5)
    joint.seats = [.fixture(2), .fixture(4), .fixture(5)]
    joint.outgoing = [.fixture(1), .fixture(2), .fixture(3)]
    node.store(joint)
    node.fireElectionTimer()
    node.receive(.preVoteAnswer(term: Term(2), isGranted: true), from: .node(3))
    XCTAssertEqual(node.currentTerm, Term(1))

    node.receive(.preVoteAnswer(term: Term(2), isGranted: true), from: .node(4))

    XCTAssertEqual(node.currentTerm, Term(2))
  }

  // MARK: Configurations in use

  func test_6_follower_whenAConfigurationIsAppended_usesItBeforeItIsCommitted() {
    var node = RaftCore.fixture(2)
    var next = node.configuration
    next.learners = [.fixture(4)]

    node.store(next)

    XCTAssertEqual(node.configuration, next)
    XCTAssertEqual(node.commitIndex, .zero)
  }

  func test_6_follower_whenAConfigurationIsTruncated_returnsToTheOneBefore() {
    var node = RaftCore.fixture(2)
    let before = node.configuration
    var next = before
    next.learners = [.fixture(4)]
    node.store(next)

    node.receive(
      .appendEntries(
        .init(
          term: Term(2),
          previous: LogMark(1, 0),
          commitIndex: .zero,
          entries: [.fixture(term: 2)]
        )
      ),
      from: .node(3)
    )

    XCTAssertEqual(node.configuration, before)
    XCTAssertEqual(node.takeEffects().configuration, before)
  }

  func test_6_node_whenItRestarts_usesTheNewestConfigurationOfItsLog() {
    var next = ClusterConfiguration.fixture(of: 3)
    next.learners = [.fixture(4)]
    let records =
      RaftCore.initialRecords(for: .fixture(of: 3)) + [
        .hardState(term: Term(1), votedFor: nil), .entry(LogIndex(2), .configuration(next)),
      ]

    let node = RaftCore.recovered(1, records)

    XCTAssertEqual(node.configuration, next)
  }

  // MARK: Refusals

  func test_6_change_whenTheNodeDoesNotLead_isRefused() {
    var node = RaftCore.fixture()

    node.submit(.reconfigure(.remove(NodeID(3))))

    XCTAssertEqual(
      node.takeEffects().refused,
      [.reconfiguration(.notLeader(leader: nil))]
    )
  }

  func test_6_change_whenAnotherIsUnderWay_isRefused() {
    var leader = RaftCore.leader()
    leader.submit(.reconfigure(.add(.fixture(4))))

    leader.submit(.reconfigure(.remove(NodeID(3))))

    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.changeInProgress)])
  }

  func test_6_change_whenTheLeaderHasCommittedNothingOfItsTerm_isRefused() {
    var leader = RaftCore.fixture(1, of: 3, term: 0)
    leader.fireElectionTimer()
    leader.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.sync()
    leader.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.sync()

    leader.submit(.reconfigure(.remove(NodeID(3))))

    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.leaderUnsettled)])
  }

  func test_6_change_whenLeadershipIsHandedOver_isRefused() {
    var leader = RaftCore.leader()
    leader.submit(.transfer(to: NodeID(2)))

    leader.submit(.reconfigure(.remove(NodeID(3))))

    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.transferInProgress)])
  }

  /// The leader of three, long enough for 3 to be known as down.
  private func leaderHearingTwo() -> RaftCore {
    var leader = RaftCore.leader()
    leader.pass(milliseconds: 300)
    leader.acknowledge(from: 2)
    leader.pass(milliseconds: 100)
    leader.acknowledge(from: 2)
    leader.pass(milliseconds: 100)
    return leader
  }

  func test_6_removal_whenTooFewOfTheOthersAreHeard_isRefused() {
    var leader = leaderHearingTwo()

    // Of 1 and 3, the voters to come, 3 is down.
    leader.submit(.reconfigure(.remove(NodeID(2))))

    XCTAssertEqual(leader.status.role, .leader)
    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.quorumWouldBeLost)])
  }

  func test_6_removal_whenTheOthersHaveHadNoTimeToAnswer_isRefusedForNow() {
    var leader = RaftCore.fixture(1, of: 3, term: 0)
    leader.fireElectionTimer()
    leader.receive(.preVoteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.sync()
    leader.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    leader.sync()
    leader.acknowledge(from: 2)
    leader.sync()

    // Of 1 and 3, the voters to come, 3 has not been heard yet.
    leader.submit(.reconfigure(.remove(NodeID(2))))

    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.leaderUnsettled)])
  }

  func test_6_changes_whenTheConfigurationForbidsThem_areRefused() {
    let cases: [(name: String, MembershipChange, Refusal)] = [
      ("a member again elsewhere", .add(.elsewhere(2)), .memberExists),
      ("another directory", .add(.wiped(2)), .memberExists),
      ("in nobody's place", .add(.fixture(4, replaces: 9)), .memberUnknown),
      ("promote nobody", .promote(NodeID(9)), .memberUnknown),
      ("remove nobody", .remove(NodeID(9)), .memberUnknown),
      ("move nobody", .update(NodeID(9), clientAddress: "a", peerAddress: "b"), .memberUnknown),
      (
        "nowhere", .update(NodeID(2), clientAddress: "", peerAddress: "b"), .membersOutOfBounds
      ),
      (
        "far away",
        .update(NodeID(2), clientAddress: String(repeating: "a", count: 256), peerAddress: "b"),
        .membersOutOfBounds
      ),
      ("another's place", .move(2, to: "a", "p:3"), .membersOutOfBounds),
      ("where clients call another", .move(2, to: "a", "h:3"), .membersOutOfBounds),
      ("one place for both", .move(2, to: "a", "a"), .membersOutOfBounds),
      ("a newcomer in another's place", .add(.guest(of: 3)), .membersOutOfBounds),
    ]
    for (name, change, refusal) in cases {
      var leader = RaftCore.leader()

      leader.submit(.reconfigure(change))

      XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(refusal)], name)
    }
  }

  /// Whoever asks a second time, for want of an answer, must not lose the voter.
  func test_6_removal_whenANewDirectoryTakesTheNodesPlace_isOfNeither() {
    var leader = RaftCore.leader()
    var newcomer = ClusterConfiguration.Learner.wiped(2)
    newcomer.replaces = NodeID(2)
    leader.submit(.reconfigure(.add(newcomer)))
    leader.sync()
    leader.acknowledge(from: 3)
    leader.submit(.reconfigure(.remove(NodeID(2))))
    let refused = leader.takeEffects().refused

    leader.submit(.reconfigure(.cancel(NodeID(2))))
    leader.sync()
    leader.acknowledge(from: 3)
    leader.submit(.reconfigure(.cancel(NodeID(2))))

    XCTAssertEqual(refused, [.reconfiguration(.changeInProgress)])
    XCTAssertEqual(leader.takeEffects().refused, [.reconfiguration(.memberUnknown)])
    XCTAssertEqual(leader.configuration.text, "1 2 3")
  }

  func test_6_change_whenNobodyOrTooManyWouldVote_isRefused() {
    var alone = RaftCore.leader(of: 1)
    alone.submit(.reconfigure(.remove(NodeID(1))))
    XCTAssertEqual(alone.takeEffects().refused, [.reconfiguration(.membersOutOfBounds)])
    var many = RaftCore.leader(of: 7)

    many.submit(.reconfigure(.add(.fixture(8))))

    XCTAssertEqual(many.takeEffects().refused, [.reconfiguration(.membersOutOfBounds)])
  }

  func test_6_change_whenItIsDoneAlready_saysSo() {
    var leader = RaftCore.leader()

    leader.submit(.reconfigure(.promote(NodeID(2))))

    XCTAssertEqual(leader.takeEffects().reconfigured, LogIndex(1))
  }

  /// Nobody may find it there: the others have to be a quorum without it.
  func test_6_address_whenTheOthersAreNoQuorum_doesNotChange() {
    var leader = leaderHearingTwo()

    leader.submit(.reconfigure(.move(2, to: "a:1", "a:2")))
    leader.submit(.reconfigure(.move(1, to: "a:1", "a:2")))
    let refused = leader.takeEffects().refused
    leader.submit(.reconfigure(.move(3, to: "a:1", "a:2")))

    XCTAssertEqual(
      refused,
      [.reconfiguration(.quorumWouldBeLost), .reconfiguration(.quorumWouldBeLost)]
    )
    XCTAssertEqual(leader.takeEffects().refused, [])
    XCTAssertEqual(leader.configuration.seat(of: NodeID(3))?.peerAddress, "a:2")
  }

  /// Members reach each other as before.
  func test_6_address_whenItIsOnlyTheClients_changesWithoutAQuorumBesides() {
    var leader = leaderHearingTwo()

    leader.submit(.reconfigure(.move(2, to: "a:1", "p:2")))

    XCTAssertEqual(leader.takeEffects().refused, [])
    XCTAssertEqual(leader.configuration.seat(of: NodeID(2))?.clientAddress, "a:1")
  }

  func test_6_address_whenNobodyElseVotes_changes() {
    var leader = RaftCore.leader(of: 1)

    leader.submit(.reconfigure(.move(1, to: "a:1", "a:2")))

    XCTAssertEqual(leader.configuration.seat(of: NodeID(1))?.peerAddress, "a:2")
  }

  func test_6_address_whenItChanges_needsNoJointConfiguration() {
    var leader = RaftCore.leader()

    leader.submit(.reconfigure(.update(NodeID(2), clientAddress: "a:1", peerAddress: "a:2")))

    XCTAssertEqual(leader.configuration.text, "1 2 3")
    XCTAssertEqual(leader.configuration.seat(of: NodeID(2))?.peerAddress, "a:2")
  }
}

extension MembershipChange {
  fileprivate static func move(_ number: UInt32, to client: String, _ peer: String) -> Self {
    .update(NodeID(number), clientAddress: client, peerAddress: peer)
  }
}

extension ClusterConfiguration.Learner {
  fileprivate static func guest(of number: Int) -> Self {
    var learner = Self.fixture(8)
    learner.seat.clientAddress = "h:\(number)"
    return learner
  }

  fileprivate static func elsewhere(_ number: Int) -> Self {
    var learner = Self.fixture(number)
    learner.seat.peerAddress = "elsewhere:1"
    return learner
  }

  fileprivate static func wiped(_ number: Int) -> Self {
    var learner = Self.fixture(number)
    learner.seat.member = Member(id: NodeID(UInt32(number)), incarnation: Incarnation(999))
    return learner
  }
}
