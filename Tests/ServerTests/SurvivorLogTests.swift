import Consensus
import Raft
import XCTest

@testable import Server

/// What of a journal with missing parts can be joined to a snapshot.
final class SurvivorLogTests: XCTestCase {
  private typealias Found = (position: UInt64, record: RaftRecord)

  func test_log_whenNothingIsMissing_isAllOfIt() {
    let log = log([(1, entry(1, 0)), (2, vote(1)), (3, entry(2, 1)), (4, entry(3, 1))])

    XCTAssertEqual(indexes(log, after: 0, term: 0), [1, 2, 3])
    XCTAssertEqual(indexes(log, after: 2, term: 1), [3])
    XCTAssertEqual(indexes(log, after: 3, term: 1), [])
    XCTAssertEqual(log.term, Term(1))
  }

  func test_log_whenTheJournalHasForgotten_goesOnFromTheSnapshotOnly() {
    let log = log([(70, entry(5, 1)), (71, entry(6, 1)), (72, entry(7, 2))])

    XCTAssertEqual(indexes(log, after: 6, term: 1), [7])
    XCTAssertEqual(indexes(log, after: 4, term: 1), [5, 6, 7])
    XCTAssertNil(indexes(log, after: 0, term: 0))
    XCTAssertNil(indexes(log, after: 3, term: 1))
    XCTAssertNil(indexes(log, after: 6, term: 2), "another entry stands there")
  }

  func test_log_whenItEndsBeforeTheSnapshot_addsNothing() {
    let log = log([(1, entry(1, 0)), (2, entry(2, 1))])

    XCTAssertNil(indexes(log, after: 9, term: 1))
    XCTAssertEqual(log.count(behind: LogIndex(9)), 0)
  }

  func test_log_whenNothingIsLeftButAVote_saysThatItsBeginningIsLost() {
    XCTAssertTrue(log([(70, vote(3))]).hasLostBeginning)
    XCTAssertFalse(log([(1, vote(3))]).hasLostBeginning)
    XCTAssertFalse(log([(70, vote(3)), (71, .restart(mark(9, 3)))]).hasLostBeginning)
    XCTAssertFalse(log([(70, entry(5, 1)), (71, vote(3))]).hasLostBeginning)
  }

  func test_log_whenTruncated_goesOnWithWhatReplacedIt() {
    let log = log([
      (1, entry(1, 0)), (2, entry(2, 1)), (3, entry(3, 1)), (4, .truncate(from: LogIndex(2))),
      (5, entry(2, 2)),
    ])

    XCTAssertEqual(indexes(log, after: 0, term: 0), [1, 2])
    XCTAssertEqual(log.entries(after: mark(0, 0))?.entries.last?.term, Term(2))
  }

  func test_log_whenASnapshotReplacedIt_followsThatSnapshotAlone() {
    let log = log([(1, entry(1, 0)), (2, .restart(mark(9, 3))), (3, entry(10, 3))])

    XCTAssertEqual(indexes(log, after: 9, term: 3), [10])
    XCTAssertNil(indexes(log, after: 8, term: 3))
  }

  /// A truncation may be lost with the record at position 3.
  func test_log_whenARecordIsMissing_joinsNothingAcrossTheGap() throws {
    let log = log([(1, entry(1, 0)), (2, entry(2, 1)), (4, entry(4, 1)), (5, entry(5, 2))])

    let found = try XCTUnwrap(log.entries(after: mark(0, 0)))
    XCTAssertEqual(found.entries.map(\.index.rawValue), [1, 2])
    XCTAssertEqual(found.unusedCount, 2)
    XCTAssertEqual(indexes(log, after: 4, term: 1), [5], "this part reaches back by itself")
    XCTAssertNil(indexes(log, after: 3, term: 1), "what stood at 3 when 4 was written is lost")
  }

  // MARK: Helpers

  private func log(_ found: [Found]) -> SurvivorLog {
    var log = SurvivorLog()
    for record in found { log.take(record.record, at: record.position) }
    return log
  }

  private func indexes(_ log: SurvivorLog, after index: UInt64, term: UInt64) -> [UInt64]? {
    log.entries(after: mark(index, term))?.entries.map(\.index.rawValue)
  }

  private func mark(_ index: UInt64, _ term: UInt64) -> LogMark {
    LogMark(index: LogIndex(index), term: Term(term))
  }

  private func entry(_ index: UInt64, _ term: UInt64) -> RaftRecord {
    .entry(
      LogIndex(index),
      LogEntry(.noOp, term: Term(term), logTimeMicroseconds: 0, wallMilliseconds: 0)
    )
  }

  private func vote(_ term: UInt64) -> RaftRecord {
    .hardState(term: Term(term), votedFor: nil)
  }
}
