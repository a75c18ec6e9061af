import Consensus
import XCTest

@testable import Raft

/// Raft §5.4: the election restriction (§5.4.1) and commitment of earlier terms (§5.4.2).
final class Section5_4_SafetyTests: XCTestCase {
  func test_5_4_1_voter_whenTheCandidateLacksEntries_refuses() {
    let cases: [(name: String, candidate: LogMark, isGranted: Bool)] = [
      ("an earlier last term, though longer", LogMark(9, 1), false),
      ("the same last term, shorter", LogMark(3, 2), false),
      ("the same log", LogMark(4, 2), true),
      ("the same last term, longer", LogMark(5, 2), true),
      ("a later last term, though shorter", LogMark(2, 3), true),
    ]
    for (name, candidate, isGranted) in cases {
      var node = RaftCore.fixture(log: [1, 1, 2])

      node.receive(.fixtureRequestVote(term: 5, last: candidate), from: .node(2))

      XCTAssertEqual(node.votedFor == .node(2), isGranted, name)
      XCTAssertEqual(node.currentTerm, Term(5), name)
    }
  }

  func test_5_4_1_voter_whenAskedForAPreVoteByOneWhoLacksEntries_refuses() {
    var node = RaftCore.fixture(log: [1, 1, 2])

    node.receive(.requestPreVote(term: Term(5), last: LogMark(9, 1)), from: .node(2))

    XCTAssertEqual(
      node.takeEffects().messages(to: 2),
      [.preVoteAnswer(term: Term(2), isGranted: false)]
    )
  }

  func test_5_4_2_leader_whenAMajorityHoldsAnOldEntry_doesNotCommitIt() {
    var leader = RaftCore.fixture(log: [2, 2])
    leader.campaign()
    leader.receive(.voteAnswer(term: Term(3), isGranted: true), from: .node(2))
    leader.sync()

    leader.receive(
      .appendAccepted(term: Term(3), matchIndex: LogIndex(3), hasRoom: true),
      from: .node(2)
    )

    XCTAssertEqual(leader.commitIndex, .zero)
    leader.receive(
      .appendAccepted(term: Term(3), matchIndex: LogIndex(4), hasRoom: true),
      from: .node(2)
    )
    XCTAssertEqual(leader.commitIndex, LogIndex(4))
  }

  func test_5_4_2_leader_whenElected_beginsItsTermWithANoOp() {
    var node = RaftCore.fixture(log: [1])
    node.campaign()

    node.receive(.voteAnswer(term: Term(2), isGranted: true), from: .node(2))

    XCTAssertEqual(node.terms, [0, 1, 2])
    XCTAssertEqual(node.entry(at: LogIndex(3))?.text, "noop")
  }

  func test_5_4_2_leader_whenOnlyItsFollowersAreDurable_commits() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()

    leader.acknowledge(from: 2)
    XCTAssertEqual(leader.commitIndex, LogIndex(2), "one of three")
    leader.acknowledge(from: 3)

    XCTAssertEqual(leader.durableIndex, LogIndex(2))
    XCTAssertEqual(leader.commitIndex, LogIndex(3))
  }

  func test_5_4_2_leader_whenItsOwnSyncIsMissing_doesNotCountItself() {
    var leader = RaftCore.leader()
    leader.submit(.request(.fixture("x")))
    _ = leader.takeEffects()
    leader.acknowledge(from: 2)
    XCTAssertEqual(leader.commitIndex, LogIndex(2))

    leader.recordsAreDurable(through: leader.lastPosition)

    XCTAssertEqual(leader.commitIndex, LogIndex(3))
  }

  func test_5_4_2_committed_whenHandedOut_comesOnceAndInOrder() {
    var leader = RaftCore.leader()
    for sequence in 1...3 {
      leader.submit(.request(.fixture("x\(sequence)", sequence: UInt64(sequence))))
    }
    leader.sync()
    leader.acknowledge(from: 2)

    let committed = leader.takeEffects().committed

    XCTAssertEqual(committed.map(\.payload.text), ["x1", "x2", "x3"])
    XCTAssertEqual(committed.map(\.index.rawValue), [3, 4, 5])
    XCTAssertTrue(leader.takeEffects().committed.isEmpty)
  }

  func test_5_4_2_committed_whenMuchIsDue_isHandedOutInBoundedPortions() {
    var options = RaftOptions.trusting
    options.committedSizeMax = 100
    var node = RaftCore.recovered(
      1,
      RaftCore.initialRecords(for: .fixture(of: 1)),
      options: options
    )
    node.tick(node.now)
    for sequence in 1...9 {
      node.submit(.request(.fixture("x", sequence: UInt64(sequence))))
    }
    node.sync()

    let turns = (0..<12).map { _ in node.takeEffects() }

    let portions = turns.map(\.committed.count)
    XCTAssertEqual(portions.reduce(0, +), 11)
    XCTAssertLessThan(portions[0], 5)
    let last = portions.lastIndex { $0 > 0 } ?? 0
    XCTAssertEqual(turns.map(\.hasMoreCommitted), turns.indices.map { $0 < last })
  }
}
