import Consensus
import Raft
import XCTest

@testable import Simulation

/// Whoever lost a part of its journal keeps what it promised (W4, W5): the watch's own test.
final class RepairWatchTests: XCTestCase {
  private let members = (1...3).map { Member(id: NodeID($0), incarnation: Incarnation(7)) }

  func test_repairedNode_whenItLacksACommittedEntryThatItHeld_isAViolation() throws {
    var checker = try checkerOfTwoEntries()
    try checker.goesBy([Self.mark(of: 1)], behind: 0, isWhole: false, 0)

    expect("W5", "counts as whole without entry 2") { try checker.becomesWhole(0) }
  }

  func test_repairedNode_whenItHasAllAgain_isRight() throws {
    var checker = try checkerOfTwoEntries()
    try checker.goesBy([Self.mark(of: 1)], behind: 0, isWhole: false, 0)

    try checker.wrote(Self.record(of: 2), by: 0, isLeader: false)
    try checker.wrote(.repaired, by: 0, isLeader: false)
  }

  func test_repairedNode_whenItLacksWhatNeverWasCommitted_isRight() throws {
    var checker = try checkerOfTwoEntries()
    try checker.wrote(Self.record(of: 3), by: 0, isLeader: false)
    checker.synced(through: 4, by: 0)
    try checker.goesBy([1, 2].map(Self.mark), behind: 0, isWhole: false, 0)

    try checker.wrote(.repaired, by: 0, isLeader: false)
  }

  func test_log_whenAnEntryIsJoinedToOneThatItNeverFollowed_isAViolation() throws {
    var checker = try checkerOfTwoEntries()
    let other = LogEntry(.noOp, term: Term(2), logTimeMicroseconds: 9, wallMilliseconds: 9)

    expect("S5", "joins entry 2") {
      try checker.goesBy([EntryMark(other), Self.mark(of: 2)], behind: 0, isWhole: false, 0)
    }
  }

  func test_vote_whenTheVoterMayHaveForgottenOneOfThatTerm_isAViolation() throws {
    var checker = try checkerOfTwoEntries()

    checker.starts(0, isTermLost: true)

    let accepted = RaftMessage.appendAccepted(term: Term(1), matchIndex: .zero, hasRoom: true)
    expect("W5", "appendAccepted in term 1") {
      try checker.sends(accepted, from: 0, to: members[1])
    }
    checker.starts(0, isTermLost: false)
    try checker.sends(accepted, from: 0, to: members[1])
  }

  func test_journal_whenItForgetsTheOnlyRecordOfWhatNoSnapshotHolds_isAViolation() throws {
    let checker = try checkerOfTwoEntries()

    expect("W4", "its copy of entry 2") {
      try checker.forgets(below: 4, snapshot: LogIndex(1), at: 0)
    }
    try checker.forgets(below: 4, snapshot: LogIndex(2), at: 0)
    try checker.forgets(below: 3, snapshot: LogIndex(1), at: 0)
  }

  // MARK: Helpers

  private static func entry(_ index: UInt64) -> LogEntry {
    LogEntry(.noOp, term: Term(1), logTimeMicroseconds: index, wallMilliseconds: index)
  }

  private static func mark(of index: UInt64) -> EntryMark { EntryMark(entry(index)) }

  private static func record(of index: UInt64) -> RaftRecord {
    .entry(LogIndex(index), entry(index))
  }

  /// Three nodes hold two entries that are committed.
  private func checkerOfTwoEntries() throws -> SafetyChecker {
    var checker = SafetyChecker(
      members: members,
      voters: ClusterConfiguration(seats: members.map(SimulatedCluster.seat(of:)))
    )
    for node in 0..<3 {
      let vote = RaftRecord.hardState(term: Term(1), votedFor: members[0])
      for record in [vote, Self.record(of: 1), Self.record(of: 2)] {
        try checker.wrote(record, by: node, isLeader: false)
      }
      checker.synced(through: 3, by: node)
    }
    let committed = (1...2).map { (index: UInt64) in
      Committed(
        index: LogIndex(index),
        term: Term(1),
        logTimeMicroseconds: index,
        wallMilliseconds: index,
        payload: .noOp
      )
    }
    try checker.commits(committed, at: 0, in: Term(1))
    return checker
  }

  private func expect(
    _ promise: String,
    _ words: String,
    line: UInt = #line,
    _ body: () throws -> Void
  ) {
    XCTAssertThrowsError(try body(), line: line) { error in
      let text = "\(error)"
      XCTAssertTrue(text.contains(promise) && text.contains(words), text, line: line)
    }
  }
}
