import Consensus
import XCTest

@testable import Raft

/// Whoever was refused comes back as another member (D15, D16).
final class ReadmissionTests: XCTestCase {
  private let successor = Member.node(2).successor

  // MARK: The leader

  func test_leader_whenAMemberWasRefused_takesInItsSuccessorAsALearner() {
    var leader = RaftCore.leader()

    leader.receive(.replaceMe(term: Term(0)), from: .node(2))

    let learner = leader.configuration.learners.first
    XCTAssertEqual(learner?.seat.member, successor)
    XCTAssertEqual(learner?.seat.peerAddress, "p:2")
    XCTAssertEqual(learner?.replaces, NodeID(2))
    XCTAssertEqual(learner?.promotesItself, true)
    XCTAssertEqual(leader.configuration.seats.map(\.member), [.node(1), .node(2), .node(3)])
  }

  func test_leader_whileTheSuccessorIsNotCommitted_saysNothing() {
    var leader = RaftCore.leader()
    leader.receive(.replaceMe(term: Term(0)), from: .node(2))
    leader.sync()

    leader.receive(.replaceMe(term: Term(0)), from: .node(2))
    let before = leader.takeEffects().messages(to: 2)
    leader.acknowledge(from: 3)
    leader.receive(.replaceMe(term: Term(0)), from: .node(2))

    XCTAssertFalse(before.contains(.replaced(term: Term(1))))
    XCTAssertTrue(leader.takeEffects().messages(to: 2).contains(.replaced(term: Term(1))))
  }

  func test_leader_whenARefusedMemberAsksAgain_takesInNobodyElse() {
    var leader = RaftCore.leader()
    for _ in 1...3 {
      leader.receive(.replaceMe(term: Term(0)), from: .node(2))
      leader.sync()
      leader.acknowledge(from: 3)
    }

    XCTAssertEqual(leader.configuration.learners.count, 1)
  }

  func test_leader_whenASuccessorIsRefusedAsALearner_exchangesIt() {
    var leader = RaftCore.leader()
    leader.receive(.replaceMe(term: Term(0)), from: .node(2))
    leader.sync()
    leader.acknowledge(from: 3)

    leader.receive(.replaceMe(term: Term(0)), from: successor)

    let learners = leader.configuration.learners
    XCTAssertEqual(learners.map(\.seat.member), [successor.successor])
    XCTAssertEqual(learners.first?.replaces, NodeID(2))
  }

  /// It is in no configuration by then, as a voter would be, and must not take itself for removed.
  func test_leader_whenALearnerWasExchanged_tellsItSo() {
    var leader = RaftCore.leader()
    for refused in [Member.node(2), successor] {
      leader.receive(.replaceMe(term: Term(0)), from: refused)
      leader.sync()
      leader.acknowledge(from: 3)
    }
    _ = leader.takeEffects()

    leader.receive(.replaceMe(term: Term(0)), from: successor)

    let sent = leader.takeEffects().messages.filter { $0.recipient == successor }.map(\.message)
    XCTAssertEqual(sent, [.replaced(term: Term(1))])
  }

  func test_follower_whenALearnerWasExchanged_doesNotTellItThatItWasRemoved() {
    var configuration = ClusterConfiguration.fixture(of: 3)
    configuration.learners = [.fixture(4)]
    configuration.learners[0].seat.member = Member.node(4).successor
    var follower = RaftCore.recovered(2, RaftCore.initialRecords(for: configuration))
    follower.sync()
    follower.receive(
      .appendEntries(
        .init(
          term: Term(1),
          previous: LogMark(1, 0),
          commitIndex: LogIndex(1),
          entries: []
        )
      ),
      from: .node(1)
    )
    follower.sync()

    follower.receive(.replaceMe(term: Term(0)), from: .node(4))

    XCTAssertEqual(follower.commitIndex, LogIndex(1))
    XCTAssertEqual(follower.takeEffects().messages(to: 4), [])
  }

  func test_leader_whenAStrangerWasRefused_tellsItThatItWasRemoved() {
    var leader = RaftCore.leader()
    let stranger = Member(id: NodeID(2), incarnation: Incarnation(5))

    leader.receive(.replaceMe(term: Term(0)), from: stranger)

    let sent = leader.takeEffects().messages.filter { $0.recipient == stranger }.map(\.message)
    XCTAssertEqual(sent, [.removed(term: Term(1), configurationIndex: LogIndex(1))])
    XCTAssertEqual(leader.configuration.learners, [])
  }

  func test_follower_whenAMemberWasRefused_changesNothing() {
    var follower = RaftCore.fixture(2, of: 3, term: 0)
    follower.sync()

    follower.receive(.replaceMe(term: Term(0)), from: .node(3))

    XCTAssertEqual(follower.takeEffects().records, [])
  }

  // MARK: The refused one

  func test_member_whoseDirectoryIsRefused_asksToBeReplaced() {
    var node = refused()

    let asked = node.takeEffects().messages

    XCTAssertEqual(asked.map(\.recipient), [.node(1), .node(3)])
    XCTAssertTrue(asked.allSatisfy { $0.message == .replaceMe(term: Term(0)) })
  }

  func test_member_whoseDirectoryIsRefused_comesBackWhenItIsToldTo() {
    var node = refused()

    node.receive(.replaced(term: Term(4)), from: .node(1))

    XCTAssertEqual(node.takeEffects().successor, successor)
    XCTAssertEqual(node.currentTerm, Term(0))
  }

  func test_member_whoseDirectoryIsInOrder_doesNotBelieveThatItWasReplaced() {
    var node = RaftCore.fixture(2, of: 3, term: 0)

    node.receive(.replaced(term: Term(4)), from: .node(1))

    XCTAssertNil(node.takeEffects().successor)
  }

  func test_successor_isTheSameForEverybodyAndAnotherEachTime() {
    let first = Member.node(2)

    XCTAssertEqual(first.successor, Member.node(2).successor)
    XCTAssertEqual(first.successor.id, first.id)
    XCTAssertEqual(Set([first, first.successor, first.successor.successor]).count, 3)
  }

  private func refused() -> RaftCore {
    let record = AdmissionRecord(progress: .remade, directory: 7, start: 1, memory: [])
    let records = RaftCore.initialRecords(for: .fixture(of: 3)) + [.admission(record)]
    return RaftCore.recovered(2, records, options: RaftOptions())
  }
}
