import Consensus
import Raft
import XCTest

@testable import Simulation

/// Committed, and acknowledged, is what a majority of disks holds (S9, W1): the checker's own test.
final class SafetyCheckerTests: XCTestCase {
  func test_commit_whenOnlyOneDiskHoldsTheEntry_isAViolation() throws {
    var checker = try checkerWithEntry(syncedBy: [0])

    XCTAssertThrowsError(try checker.commits([Self.committed], at: 0, in: Term(1))) {
      XCTAssertTrue("\($0)".contains("W1"), "\($0)")
    }
  }

  func test_commit_whenTheLeadersDiskIsBehindAndAMajorityHoldsTheEntry_isRight() throws {
    var checker = try checkerWithEntry(syncedBy: [1, 2])

    try checker.commits([Self.committed], at: 0, in: Term(1))
    try checker.acknowledges(LogIndex(1))
  }

  func test_acknowledgement_ofWhatIsNotCommitted_isAViolation() throws {
    let checker = try checkerWithEntry(syncedBy: [0, 1, 2])

    XCTAssertThrowsError(try checker.acknowledges(LogIndex(1))) {
      XCTAssertTrue("\($0)".contains("W1"), "\($0)")
    }
  }

  // MARK: Helpers

  private static let entry = LogEntry(
    .noOp,
    term: Term(1),
    logTimeMicroseconds: 1,
    wallMilliseconds: 1
  )

  private static let committed = Committed(
    index: LogIndex(1),
    term: Term(1),
    logTimeMicroseconds: 1,
    wallMilliseconds: 1,
    payload: .noOp
  )

  /// Three nodes have written entry 1; the disks of some have it.
  private func checkerWithEntry(syncedBy nodes: [Int]) throws -> SafetyChecker {
    let members = (1...3).map {
      Member(id: NodeID(UInt32($0)), incarnation: Incarnation(UInt64($0)))
    }
    var checker = SafetyChecker(
      members: members,
      voters: ClusterConfiguration(seats: members.map(SimulatedCluster.seat(of:)))
    )
    for node in 0..<3 {
      let vote = RaftRecord.hardState(term: Term(1), votedFor: members[0])
      try checker.wrote(vote, by: node, isLeader: false)
      try checker.wrote(.entry(LogIndex(1), Self.entry), by: node, isLeader: false)
    }
    for node in nodes { checker.synced(through: 2, by: node) }
    return checker
  }
}
