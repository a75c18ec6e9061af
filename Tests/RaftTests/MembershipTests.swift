import Consensus
import XCTest

@testable import Raft

final class MembershipTests: XCTestCase {
  private func membership(_ incoming: [Int], _ outgoing: [Int], learner: Int? = nil) -> Membership {
    let seats = ClusterConfiguration.fixture(of: 9).seats
    var configuration = ClusterConfiguration(seats: incoming.map { seats[$0 - 1] })
    configuration.outgoing = outgoing.map { seats[$0 - 1] }
    if let learner {
      configuration.learners = [.init(seat: seats[learner - 1], promotesItself: false)]
    }
    return Membership(configuration)
  }

  func test_quorum_whenVotersChange_isAMajorityOfBothGroups() {
    let joint = membership([1, 4, 5], [1, 2, 3])
    let cases: [(granted: [Int], isQuorum: Bool)] = [
      ([1, 4, 5], false), ([1, 2, 3], false), ([1, 2], false), ([1, 2, 4], true),
      ([2, 3, 4, 5], true), ([1, 4], false),
    ]
    for (granted, isQuorum) in cases {
      let members = granted.map(Member.node)

      XCTAssertEqual(joint.hasQuorum(members.contains), isQuorum, "\(granted)")
    }
  }

  func test_quorumValue_whenVotersChange_isWhatBothGroupsReached() {
    let joint = membership([1, 4, 5], [1, 2, 3])

    let reached = joint.quorumValue { member in [9, 9, 2, 7, 1][Int(member.id.rawValue) - 1] }

    XCTAssertEqual(reached, 7)
  }

  func test_learner_whenItAgrees_doesNotCount() {
    let group = membership([1, 2, 3], [], learner: 4)

    XCTAssertFalse(group.hasQuorum { [.node(1), .node(4)].contains($0) })
    XCTAssertTrue(group.contains(.node(4)))
    XCTAssertEqual(group.otherVoters(than: .node(1)), [.node(2), .node(3)])
    XCTAssertEqual(group.others(than: .node(1)), [.node(2), .node(3), .node(4)])
  }

  func test_quorum_whenNoConfigurationIsKnown_isNever() {
    XCTAssertFalse(Membership.unknown.hasQuorum { _ in true })
  }

  /// M1: no two quorums of consecutive configurations miss each other.
  func test_quorums_whenConfigurationsFollowEachOther_overlap() {
    let steps = [
      membership([1, 2, 3], []), membership([1, 4, 5], [1, 2, 3]), membership([1, 4, 5], []),
    ]
    for (before, after) in zip(steps, steps.dropFirst()) {
      for left in Self.subsets where before.hasQuorum(left.contains) {
        for right in Self.subsets where after.hasQuorum(right.contains) {
          XCTAssertFalse(Set(left).isDisjoint(with: right), "\(left) \(right)")
        }
      }
    }
  }

  private static let subsets: [[Member]] = (0..<32).map { bits in
    (1...5).filter { bits >> ($0 - 1) & 1 == 1 }.map(Member.node)
  }
}
