import Consensus
import XCTest

@testable import Raft

/// Raft §5.2: leader election.
final class Section5_2_ElectionTests: XCTestCase {
  func test_5_2_node_whenStarted_isAFollowerWithoutALeader() {
    let node = RaftCore.fixture()

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertNil(node.status.leader)
  }

  func test_5_2_follower_whenHeartbeatsKeepComing_staysOne() {
    var node = RaftCore.fixture()

    for round in 1...40 {
      node.receive(
        .heartbeat(term: Term(1), round: UInt64(round), commitIndex: .zero),
        from: .node(2)
      )
      node.pass(milliseconds: 50)
    }

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertEqual(node.status.leader, NodeID(2))
  }

  func test_5_2_follower_whenNothingIsHeard_campaignsWithinTheLongestTimeout() {
    var node = RaftCore.fixture()

    node.pass(milliseconds: 140)
    XCTAssertEqual(node.status.role, .follower)
    node.pass(milliseconds: 170)

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_5_2_timeouts_whenDrawnFromDifferentSeeds_differ() {
    let deadlines = (1...20).map { RaftCore.fixture($0, of: 3).electionDeadline }

    let distinct = Set(deadlines).count

    XCTAssertGreaterThan(distinct, 15)
    XCTAssertTrue(deadlines.allSatisfy { (1_150_000...1_300_000).contains($0) })
  }

  func test_5_2_candidate_whenCampaigning_incrementsTheTermAndVotesForItself() {
    var node = RaftCore.fixture(term: 4)
    node.fireElectionTimer()

    node.receive(.preVoteAnswer(term: Term(5), isGranted: true), from: .node(2))

    XCTAssertEqual(node.currentTerm, Term(5))
    XCTAssertEqual(node.votedFor, .node(1))
    XCTAssertEqual(
      node.takeEffects().records,
      [.hardState(term: Term(5), votedFor: .node(1))]
    )
  }

  func test_5_2_candidate_whenCampaigning_asksForVotesOnlyAfterItsOwnIsDurable() {
    var node = RaftCore.fixture(term: 4)
    node.fireElectionTimer()
    _ = node.takeEffects()

    node.receive(.preVoteAnswer(term: Term(5), isGranted: true), from: .node(2))

    let effects = node.takeEffects()
    let request = RaftMessage.requestVote(
      term: Term(5),
      last: LogMark(1, 0),
      isTransfer: false
    )
    XCTAssertTrue(effects.messages.isEmpty)
    XCTAssertEqual(effects.promises(to: 2), [request])
    XCTAssertEqual(effects.promises(to: 3), [request])
  }

  func test_5_2_candidate_whenAMajorityVotes_becomesLeader() {
    var node = RaftCore.fixture(of: 5)
    node.campaign()

    node.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    XCTAssertEqual(node.status.role, .candidate)
    node.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(3))

    XCTAssertEqual(node.status.role, .leader)
  }

  func test_5_2_candidate_whenOneVoteIsRepeated_countsItOnce() {
    var node = RaftCore.fixture(of: 5)
    node.campaign()

    for _ in 0..<3 {
      node.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))
    }

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_5_2_candidate_whenVotesAreRefused_doesNotCountThem() {
    var node = RaftCore.fixture(of: 3)
    node.campaign()

    node.receive(.voteAnswer(term: Term(1), isGranted: false), from: .node(2))
    node.receive(.voteAnswer(term: Term(1), isGranted: false), from: .node(3))

    XCTAssertEqual(node.status.role, .candidate)
  }

  func test_5_2_candidate_whenALeaderOfItsTermSpeaks_followsIt() {
    var node = RaftCore.fixture()
    node.campaign()

    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(3))

    XCTAssertEqual(node.status.role, .follower)
    XCTAssertEqual(node.status.leader, NodeID(3))
    XCTAssertEqual(node.votedFor, .node(1))
  }

  func test_5_2_candidate_whenNobodyWins_triesAgainOnlyAfterAnotherPreVote() {
    var node = RaftCore.fixture()
    node.campaign()

    node.pass(milliseconds: 320)

    XCTAssertEqual(node.status.role, .candidate)
    XCTAssertEqual(node.currentTerm, Term(1))
    XCTAssertEqual(node.votedFor, .node(1))
  }

  func test_5_2_voter_whenAskedTwiceInATerm_votesForTheFirstOnly() {
    var node = RaftCore.fixture()

    node.receive(.fixtureRequestVote(term: 1), from: .node(2))
    node.receive(.fixtureRequestVote(term: 1), from: .node(3))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.promises(to: 2), [.voteAnswer(term: Term(1), isGranted: true)])
    XCTAssertEqual(effects.promises(to: 3), [.voteAnswer(term: Term(1), isGranted: false)])
  }

  func test_5_2_voter_whenTheRequestIsRepeated_repeatsItsVote() {
    var node = RaftCore.fixture()
    node.receive(.fixtureRequestVote(term: 1), from: .node(2))
    node.sync()

    node.receive(.fixtureRequestVote(term: 1), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertEqual(effects.promises(to: 2), [.voteAnswer(term: Term(1), isGranted: true)])
    XCTAssertTrue(effects.records.isEmpty)
  }

  func test_5_2_voter_whenRestarted_remembersItsVote() {
    var node = RaftCore.fixture(term: 1, votedFor: 2)

    node.receive(.fixtureRequestVote(term: 1), from: .node(3))

    let answer = RaftMessage.voteAnswer(term: Term(1), isGranted: false)
    XCTAssertEqual(node.takeEffects().messages(to: 3), [answer])
  }

  func test_5_2_vote_whenGranted_leavesOnlyAfterItsRecord() {
    var node = RaftCore.fixture()

    node.receive(.fixtureRequestVote(term: 1), from: .node(2))

    let effects = node.takeEffects()
    XCTAssertTrue(effects.messages.isEmpty)
    XCTAssertEqual(effects.records, [.hardState(term: Term(1), votedFor: .node(2))])
    XCTAssertEqual(effects.promises(to: 2), [.voteAnswer(term: Term(1), isGranted: true)])
  }

  func test_5_2_vote_whenGranted_restartsTheElectionTimer() {
    var node = RaftCore.fixture()
    node.pass(milliseconds: 140)
    let deadline = node.electionDeadline

    node.receive(.fixtureRequestVote(term: 1), from: .node(2))

    XCTAssertGreaterThan(node.electionDeadline, deadline)
  }

  func test_5_2_leader_whenElected_speaksAtOnce() {
    var node = RaftCore.fixture()
    node.campaign()

    node.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))

    let messages = node.takeEffects().messages(to: 3)
    XCTAssertEqual(messages.first, .heartbeat(term: Term(1), round: 1, commitIndex: .zero))
    XCTAssertEqual(messages.count, 2)
  }

  func test_5_2_leader_whenElected_isAnnounced() {
    var leader = RaftCore.fixture()
    leader.campaign()

    leader.receive(.voteAnswer(term: Term(1), isGranted: true), from: .node(2))

    XCTAssertEqual(
      leader.takeEffects().leader,
      LeaderChange(leader: NodeID(1), term: Term(1))
    )
  }

  func test_5_2_follower_whenItsLeaderFallsSilent_announcesThatThereIsNone() {
    var node = RaftCore.fixture()
    node.receive(.heartbeat(term: Term(1), round: 1, commitIndex: .zero), from: .node(2))
    XCTAssertEqual(
      node.takeEffects().leader,
      LeaderChange(leader: NodeID(2), term: Term(1))
    )

    node.pass(milliseconds: 320)

    XCTAssertEqual(node.takeEffects().leader, LeaderChange(leader: nil, term: Term(1)))
  }
}

extension RaftCore {
  /// Becomes a candidate whose own vote is durable.
  mutating func campaign() {
    fireElectionTimer()
    for peer in membership.others(than: identity.member) {
      receive(.preVoteAnswer(term: currentTerm.next, isGranted: true), from: peer)
      if case .candidate = role { break }
    }
    sync()
  }
}

extension RaftMessage {
  static func fixtureRequestVote(
    term: UInt64,
    last: LogMark = LogMark(1, 0),
    isTransfer: Bool = false
  ) -> RaftMessage {
    .requestVote(term: Term(term), last: last, isTransfer: isTransfer)
  }
}
