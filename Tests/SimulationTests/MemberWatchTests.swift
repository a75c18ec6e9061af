import Consensus
import Raft
import XCTest

@testable import Simulation

/// Quorums are those of the newest configuration in a node's own log (M1): the watch's own test.
final class MemberWatchTests: XCTestCase {
  private let members = (1...3).map { Member(id: NodeID($0), incarnation: Incarnation(7)) }

  func test_quorum_whileTheVotersChange_isAMajorityOfBothGroups() {
    var log = LedgerState()
    var watch = MemberWatch(members: members)
    write(configuration(voters: [0, 1]), at: 1, to: &log, &watch)
    watch.turnEnded(0)

    write(configuration(voters: [0, 1, 2], leaving: [0, 1]), at: 2, to: &log, &watch)
    watch.turnEnded(0)

    XCTAssertFalse(watch.hasQuorum(at: 0) { [members[0], members[2]].contains($0) })
    XCTAssertTrue(watch.hasQuorum(at: 0) { [members[0], members[1]].contains($0) })
  }

  func test_quorum_withALearner_doesNotCountIt() {
    var log = LedgerState()
    var watch = MemberWatch(members: members)

    write(configuration(voters: [0, 1], learners: [2]), at: 1, to: &log, &watch)

    XCTAssertFalse(watch.hasQuorum(at: 0) { [members[0], members[2]].contains($0) })
  }

  func test_configuration_whenItIsTruncated_isTheOneBefore() {
    var log = LedgerState()
    var watch = MemberWatch(members: members)
    write(configuration(voters: [0]), at: 1, to: &log, &watch)
    write(configuration(voters: [0, 1, 2], leaving: [0]), at: 2, to: &log, &watch)

    log.fold(.truncate(from: LogIndex(2)))
    watch.wrote(.truncate(from: LogIndex(2)), by: 0, log)
    watch.turnEnded(0)

    XCTAssertTrue(watch.hasQuorum(at: 0) { $0 == members[0] })
  }

  func test_removedNode_whenThatIsCommitted_mayNotStand() {
    var log = LedgerState()
    var watch = MemberWatch(members: members)

    write(configuration(voters: [1, 2]), at: 1, to: &log, &watch)

    XCTAssertTrue(watch.mayStand(0, committed: .zero))
    XCTAssertFalse(watch.mayStand(0, committed: LogIndex(1)))
  }

  // MARK: Helpers

  private func write(
    _ configuration: ClusterConfiguration,
    at index: UInt64,
    to log: inout LedgerState,
    _ watch: inout MemberWatch
  ) {
    let entry = LogEntry(
      .configuration(configuration),
      term: Term(1),
      logTimeMicroseconds: index,
      wallMilliseconds: 0
    )
    log.fold(.entry(LogIndex(index), EntryMark(entry)))
    watch.wrote(.entry(LogIndex(index), entry), by: 0, log)
  }

  private func configuration(
    voters: [Int],
    learners: [Int] = [],
    leaving: [Int] = []
  ) -> ClusterConfiguration {
    var configuration = ClusterConfiguration(seats: voters.map(seat))
    configuration.learners = learners.map {
      ClusterConfiguration.Learner(seat: seat($0), promotesItself: false)
    }
    configuration.outgoing = leaving.map(seat)
    return configuration
  }

  private func seat(_ node: Int) -> ClusterConfiguration.Seat {
    ClusterConfiguration.Seat(member: members[node], clientAddress: "c:1", peerAddress: "p:1")
  }
}
