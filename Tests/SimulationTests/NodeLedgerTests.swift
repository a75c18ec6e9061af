import Consensus
import Raft
import XCTest

@testable import Simulation

final class NodeLedgerTests: XCTestCase {
  private let first = mark(term: 1, wall: 1)
  private let second = mark(term: 2, wall: 2)

  func test_ledger_whenAnEntryIsNotSynced_doesNotHoldItDurably() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))

    ledger.synced(through: 1)
    XCTAssertFalse(ledger.holdsDurably(LogIndex(1), in: Term(1)))
    ledger.synced(through: 2)
    XCTAssertTrue(ledger.holdsDurably(LogIndex(1), in: Term(1)))
  }

  func test_ledger_whenALateAcknowledgementIsOfATruncatedEntry_knowsItsOwnRecord() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))
    ledger.write(.hardState(term: Term(2), votedFor: nil))
    ledger.write(.truncate(from: LogIndex(1)))
    ledger.write(.entry(LogIndex(1), second))

    ledger.synced(through: 2)

    XCTAssertTrue(ledger.holdsDurably(LogIndex(1), in: Term(1)))
    XCTAssertFalse(ledger.holdsDurably(LogIndex(1), in: Term(2)))
  }

  func test_ledger_whenASnapshotTookTheLogsPlaceSince_stillHoldsWhatWasAcknowledged() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))
    ledger.write(.restart([first, first]))
    ledger.write(.hardState(term: Term(2), votedFor: nil))

    ledger.synced(through: 2)

    XCTAssertTrue(ledger.holdsDurably(LogIndex(1), in: Term(1)))
    XCTAssertFalse(ledger.holdsDurably(LogIndex(3), in: Term(1)))
  }

  func test_ledger_whenARepairGoesOnFromWhatASnapshotReplaced_hasItAgain() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(2), votedFor: nil))
    for (index, mark) in [first, first, second].enumerated() {
      ledger.write(.entry(LogIndex(UInt64(index + 1)), mark))
    }
    ledger.write(.restart([first]))

    XCTAssertEqual(
      ledger.log(endingAt: LogIndex(3), in: Term(2)),
      [first, first, second]
    )
    XCTAssertEqual(ledger.log(endingAt: LogIndex(1), in: Term(1)), [first])
    XCTAssertNil(ledger.log(endingAt: LogIndex(3), in: Term(1)))
    XCTAssertNil(ledger.log(endingAt: LogIndex(4), in: Term(2)))
  }

  func test_ledger_whenRecoveryLosesADurableRecord_saysSo() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))
    ledger.synced(through: 2)

    XCTAssertNotNil(ledger.recovered([(1, .hardState(term: Term(1), votedFor: nil))]))
  }

  // Seed 101696: the head had rotted, and holes stood behind it as well.
  func test_ledger_whenASnapshotHoldsTheHeadThatIsLost_asksForHolesBehindItOnly() {
    var ledger = NodeLedger()
    for (index, mark) in [first, first, second, second].enumerated() {
      ledger.write(.entry(LogIndex(UInt64(index + 1)), mark))
    }
    ledger.synced(through: 4)
    let found: [(position: UInt64, record: LedgerRecord)] = [(2, .entry(LogIndex(2), first))]

    var sound = ledger
    XCTAssertNil(sound.recovered(found, without: [3...4], after: LogIndex(1)))
    var tooShort = ledger
    XCTAssertNotNil(tooShort.recovered(found, without: [4...4], after: LogIndex(1)))
    var forgetful = ledger
    forgetful.mayForget(below: 2)
    let rest: [(position: UInt64, record: LedgerRecord)] = [(3, .entry(LogIndex(3), second))]
    XCTAssertNil(forgetful.recovered(rest, without: [4...4], after: LogIndex(2)))
    XCTAssertNotNil(ledger.recovered(found, without: [3...4]))
  }

  func test_ledger_whenRecoveryLosesWhatWasNotSynced_goesOn() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))
    ledger.synced(through: 1)

    XCTAssertNil(ledger.recovered([(1, .hardState(term: Term(1), votedFor: nil))]))
    XCTAssertEqual(ledger.written.log, [])
  }

  func test_ledger_whenRecoveryLacksWhatWasForgotten_goesOnWithAllOfTheLog() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(1), votedFor: nil))
    ledger.write(.entry(LogIndex(1), first))
    ledger.write(.entry(LogIndex(2), second))
    ledger.synced(through: 3)

    XCTAssertNotNil(ledger.recovered([(3, .entry(LogIndex(2), second))]))
    ledger.mayForget(below: 3)
    XCTAssertNil(ledger.recovered([(3, .entry(LogIndex(2), second))]))
    XCTAssertEqual(ledger.written.log, [first, second])
  }

  func test_ledger_whenASnapshotTakesTheLogsPlace_holdsWhatIsInIt() {
    var ledger = NodeLedger()
    ledger.write(.hardState(term: Term(2), votedFor: nil))
    ledger.write(.restart([first, second]))
    ledger.synced(through: 2)

    XCTAssertTrue(ledger.holdsDurably(LogIndex(2), in: Term(2)))
    XCTAssertFalse(ledger.holdsDurably(LogIndex(3), in: Term(2)))
  }
}

private func mark(term: UInt64, wall: UInt64) -> EntryMark {
  EntryMark(
    LogEntry(.noOp, term: Term(term), logTimeMicroseconds: 0, wallMilliseconds: wall)
  )
}
