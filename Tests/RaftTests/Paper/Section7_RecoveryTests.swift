import Consensus
import XCTest

@testable import Raft

/// Raft §7: a node starts from a snapshot and whatever its journal still holds.
final class Section7_RecoveryTests: XCTestCase {
  private static let whole: [RaftRecord] =
    RaftCore.initialRecords(for: .fixture(of: 3))
    + [.hardState(term: Term(3), votedFor: nil)] + entries(2...10, term: 2)

  private static func entries(_ indexes: ClosedRange<UInt64>, term: UInt64) -> [RaftRecord] {
    indexes.map { .entry(LogIndex($0), .fixture(term: term)) }
  }

  private static let term: [RaftRecord] = [.hardState(term: Term(3), votedFor: nil)]

  private struct Case {
    let name: String
    let records: [RaftRecord]
    let base: LogMark
    let last: LogMark
    var restarts = false
  }

  /// Journals of a node whose newest snapshot ends at index 8, term 2.
  private static let cases = [
    Case(name: "the whole log", records: whole, base: LogMark(0, 0), last: LogMark(10, 2)),
    Case(
      name: "a log that begins before the snapshot",
      records: term + entries(6...10, term: 2),
      base: LogMark(6, 2),
      last: LogMark(10, 2)
    ),
    Case(
      name: "a log that begins behind the snapshot",
      records: term + entries(9...10, term: 2),
      base: LogMark(8, 2),
      last: LogMark(10, 2)
    ),
    Case(
      name: "a log that ends with the snapshot",
      records: term + entries(6...8, term: 2),
      base: LogMark(6, 2),
      last: LogMark(8, 2)
    ),
    Case(
      name: "a log shorter than the snapshot",
      records: term + entries(6...7, term: 2),
      base: LogMark(8, 2),
      last: LogMark(8, 2),
      restarts: true
    ),
    Case(
      name: "another entry at the snapshot's index",
      records: term + entries(6...10, term: 1),
      base: LogMark(8, 2),
      last: LogMark(8, 2),
      restarts: true
    ),
    Case(
      name: "a log that was replaced by this snapshot",
      records: term + entries(3...4, term: 1) + [.restart(LogMark(8, 2))] + entries(9...9, term: 3),
      base: LogMark(8, 2),
      last: LogMark(9, 3)
    ),
    Case(
      name: "a log that was replaced by an earlier snapshot, and nothing behind it",
      records: term + [.restart(LogMark(5, 2))],
      base: LogMark(8, 2),
      last: LogMark(8, 2),
      restarts: true
    ),
    Case(
      name: "a truncation behind a repair, of a log that was forgotten",
      records: term + [.repair(LogMark(10, 1)), .repaired, .truncate(from: LogIndex(9))]
        + entries(9...10, term: 2),
      base: LogMark(8, 2),
      last: LogMark(10, 2)
    ),
    Case(
      name: "a log that was replaced by an earlier snapshot",
      records: term + [.restart(LogMark(5, 2))] + entries(6...9, term: 2),
      base: LogMark(6, 2),
      last: LogMark(9, 2)
    ),
    Case(
      name: "a truncation that reaches below the first entry",
      records: term + entries(8...9, term: 1) + [.truncate(from: LogIndex(7))]
        + entries(7...9, term: 2),
      base: LogMark(7, 2),
      last: LogMark(9, 2)
    ),
    Case(
      name: "a truncation of entries that were forgotten",
      records: term + [.truncate(from: LogIndex(7))] + entries(7...9, term: 2),
      base: LogMark(7, 2),
      last: LogMark(9, 2)
    ),
  ]

  func test_7_recovery_byWhatTheJournalHolds() {
    let snapshot = SnapshotMark.fixture(8, 2)

    for example in Self.cases {
      let (name, records) = (example.name, example.records)
      XCTAssertTrue(
        RaftCore.canRecover(Past(RaftCore.numbered(records), after: snapshot), as: .node(1)),
        name
      )
      var node = RaftCore.restored(1, records, after: snapshot)
      let isRestarted = node.takeEffects().records.contains(.restart(LogMark(8, 2)))

      XCTAssertEqual(node.log.last, example.last, name)
      XCTAssertEqual(isRestarted, example.restarts, name)
      XCTAssertEqual(node.log.base, example.base, name)
      XCTAssertEqual(node.commitIndex, LogIndex(8), name)
      XCTAssertEqual(node.durableIndex, example.last.index, name)
      XCTAssertEqual(node.configuration, .fixture(of: 3), name)
    }
  }

  func test_7_recovery_whenSomethingIsMissing_isRefused() {
    let cases: [(name: String, records: [RaftRecord], snapshot: SnapshotMark?)] = [
      ("nothing at all", [], nil),
      ("the first entry, without a snapshot", Self.entries(2...3, term: 0), nil),
      ("entries behind a single node's", Self.entries(10...12, term: 0), .fixture(8, 0, of: 1)),
      ("every snapshot", [.restart(LogMark(9, 0))], nil),
    ]

    for (name, records, snapshot) in cases {
      XCTAssertFalse(
        RaftCore.canRecover(Past(RaftCore.numbered(records), after: snapshot), as: .node(1)),
        name
      )
    }
  }

  func test_7_recovery_whenOthersMayHaveWhatIsMissing_beginsToRepair() {
    let cases: [(name: String, records: [RaftRecord])] = [
      ("entries behind the snapshot", Self.entries(10...12, term: 0)),
      ("the snapshot that replaced the log", [.restart(LogMark(9, 0))]),
      ("every entry", [.hardState(term: Term(1), votedFor: nil)]),
    ]

    for (name, records) in cases {
      let past = Past(RaftCore.numbered(records), after: .fixture(8, 0))
      XCTAssertTrue(RaftCore.canRecover(past, as: .node(1)), name)
      let node = RaftCore.restored(1, records, after: .fixture(8, 0))

      XCTAssertEqual(node.status.repair?.firstMissing, LogIndex(9), name)
    }
  }

  func test_7_recovery_whenTheSnapshotIsAheadOfTheTerm_entersItsTerm() {
    var node = RaftCore.restored(1, Self.whole, after: .fixture(20, 7))

    XCTAssertEqual(node.currentTerm, Term(7))
    XCTAssertEqual(
      node.takeEffects().records,
      [.hardState(term: Term(7), votedFor: nil), .restart(LogMark(20, 7))]
    )
  }

  func test_7_recovery_goesOnApplyingBehindTheSnapshot() {
    var node = RaftCore.restored(1, Self.whole, after: .fixture(8, 2))

    node.receive(
      .appendEntries(
        .init(term: Term(3), previous: LogMark(10, 2), commitIndex: LogIndex(10), entries: [])
      ),
      from: .node(2)
    )

    XCTAssertEqual(node.takeEffects().committed.map(\.index), [LogIndex(9), LogIndex(10)])
  }
}
