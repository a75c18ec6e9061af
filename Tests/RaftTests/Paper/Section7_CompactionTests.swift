import Consensus
import XCTest

@testable import Raft

/// Raft §7: what a snapshot includes is forgotten.
final class Section7_CompactionTests: XCTestCase {
  private static let log: [UInt64] = [1, 1, 1, 2, 2, 2, 2, 2, 2]

  private func follower(trailing: Int = 3) -> RaftCore {
    .settledFollower(term: 2, log: Self.log, options: .trailing(trailing))
  }

  func test_7_log_whenASnapshotIsTaken_keepsATrailingPart() {
    var node = follower()

    node.snapshotTaken(.fixture(8, 2))

    _ = node.takeEffects()
    XCTAssertEqual(node.logBase, LogMark(5, 2))
    XCTAssertEqual(node.lastIndex, LogIndex(10))
    XCTAssertNil(node.entry(at: LogIndex(5)))
    XCTAssertEqual(node.entry(at: LogIndex(6))?.term, Term(2))
  }

  func test_7_journal_whenASecondSnapshotIsTaken_forgetsWhatTheFirstIncludes() {
    var node = follower()
    node.snapshotTaken(.fixture(8, 2))
    let first = node.takeEffects()

    node.snapshotTaken(.fixture(10, 2))

    XCTAssertNil(first.forgetRecordsBelow)
    // Entries 1 to 10 are the records 1 and 3 to 11; the log keeps three behind the second one.
    XCTAssertEqual(node.takeEffects().forgetRecordsBelow, 9)
  }

  // Seed 1420: two snapshots close to each other, and what they replaced stayed until the third.
  func test_7_journal_whenTheLogIsTrimmedBehindTheSecondSnapshot_forgetsAsItIsTrimmed() {
    var options = RaftOptions.trailing(0)
    options.trimmedEntriesMax = 4
    var node = RaftCore.settledFollower(term: 2, log: Self.log, options: options)
    node.snapshotTaken(.fixture(8, 2))
    XCTAssertNil(node.takeEffects().forgetRecordsBelow)

    node.snapshotTaken(.fixture(9, 2))
    let forgotten = (0..<3).map { _ in node.takeEffects().forgetRecordsBelow }

    XCTAssertEqual(node.logBase, LogMark(9, 2))
    XCTAssertEqual(forgotten, [10, nil, nil], "entry 9 is record 10, which a start from 8 needs")
  }

  func test_D7_journal_whenTheOlderSnapshotIsGone_forgetsWhatTheNewestIncludes() {
    var node = follower(trailing: 0)
    node.snapshotTaken(.fixture(8, 2))
    XCTAssertTrue(node.canSpareOlderSnapshot)
    _ = node.takeEffects()
    node.snapshotTaken(.fixture(9, 2))
    let before = node.takeEffects().forgetRecordsBelow

    node.olderSnapshotIsGone()

    XCTAssertEqual(before, 10, "entry 9 is record 10, which a start from 8 needs")
    XCTAssertEqual(node.takeEffects().forgetRecordsBelow, 11)
  }

  func test_D7_journal_whenTheLogIsTrimmedAfterTheOlderSnapshotHasGone_forgetsAsItIsTrimmed() {
    var options = RaftOptions.trailing(0)
    options.trimmedEntriesMax = 4
    var node = RaftCore.settledFollower(term: 2, log: Self.log, options: options)
    node.snapshotTaken(.fixture(9, 2))

    node.olderSnapshotIsGone()
    let forgotten = (0..<3).map { _ in node.takeEffects().forgetRecordsBelow }

    XCTAssertEqual(node.logBase, LogMark(9, 2))
    XCTAssertEqual(forgotten, [6, 10, 11])
  }

  func test_D7_onlyVoter_keepsBothItsSnapshots() {
    let node = RaftCore.fixture(of: 1)

    XCTAssertFalse(node.canSpareOlderSnapshot)
  }

  func test_D21_journal_whenRecordsHaveRotted_forgetsThemWithTheFirstSnapshotThatHoldsThem() {
    var node = follower()

    // Entry 9 is record 10: one that the next snapshot does not hold.
    node.recordsAreDamaged(below: 11)
    node.snapshotTaken(.fixture(8, 2))
    XCTAssertNil(node.takeEffects().forgetRecordsBelow)
    node.snapshotTaken(.fixture(9, 2))

    XCTAssertEqual(node.takeEffects().forgetRecordsBelow, 11)
    XCTAssertEqual(node.logBase, LogMark(6, 2), "the log in memory keeps its trailing part")
    node.snapshotTaken(.fixture(9, 2))
    XCTAssertNil(node.takeEffects().forgetRecordsBelow)
  }

  func test_D21_journal_whenAllThatIsLeftHasRotted_isForgottenWhole() {
    var node = follower()

    node.recordsAreDamaged(below: 12)
    node.snapshotTaken(.fixture(10, 2))

    XCTAssertEqual(node.takeEffects().forgetRecordsBelow, 12)
  }

  func test_7_log_whenAnOlderSnapshotIsTaken_staysAsItIs() {
    var node = follower()
    node.snapshotTaken(.fixture(8, 2))
    _ = node.takeEffects()

    node.snapshotTaken(.fixture(7, 2))

    _ = node.takeEffects()
    XCTAssertEqual(node.logBase, LogMark(5, 2))
  }

  func test_7_log_whenTheTrailingPartIsBoundedInBytes_keepsAsManyAsFit() {
    var options = RaftOptions.trusting
    options.trailingSizeMax = 2 * LogEntry.fixture(term: 1).size
    var node = RaftCore.settledFollower(term: 2, log: Self.log, options: options)

    node.snapshotTaken(.fixture(8, 2))
    _ = node.takeEffects()

    XCTAssertEqual(node.logBase, LogMark(6, 2))
  }

  func test_7_log_whenMuchIsToBeForgotten_forgetsALittlePerTurn() {
    var options = RaftOptions.trailing(0)
    options.trimmedEntriesMax = 4
    var node = RaftCore.settledFollower(term: 2, log: Self.log, options: options)

    node.snapshotTaken(.fixture(10, 2))
    let bases = (0..<4).map { _ in
      _ = node.takeEffects()
      return node.logBase.index.rawValue
    }

    XCTAssertEqual(bases, [4, 8, 10, 10])
  }

  func test_7_log_whenItIsFoundAtAStart_isForgottenAtOnceButForTheSnapshotsOwnEntry() {
    for (trailing, base) in [(2, 6), (0, 7)] as [(Int, UInt64)] {
      XCTAssertEqual(restored(trailing: trailing).logBase, LogMark(base, 2))
      XCTAssertEqual(restored(trailing: trailing).lastIndex, LogIndex(10))
    }
  }

  /// A node that finds entries 1 to 10 and a snapshot of the first eight.
  private func restored(trailing: Int) -> RaftCore {
    var options = RaftOptions.trailing(trailing)
    options.trimmedEntriesMax = 1
    let records = (2...10).map { RaftRecord.entry(LogIndex($0), .fixture(term: 2)) }
    let begin = RaftCore.initialRecords(for: .fixture(of: 3))
    let term = RaftRecord.hardState(term: Term(2), votedFor: nil)
    return .restored(1, begin + [term] + records, after: .fixture(8, 2), options: options)
  }

  func test_7_log_whenTheSnapshotIsAheadOfTheJournal_waitsForTheJournal() {
    var node = follower(trailing: 0)
    node.receive(.append(term: 2, after: LogMark(10, 2), [2, 2]), from: .node(2))
    node.receive(.commitAdvanced(term: Term(2), commitIndex: LogIndex(12)), from: .node(2))
    _ = node.takeEffects()

    node.snapshotTaken(.fixture(12, 2))
    _ = node.takeEffects()
    XCTAssertEqual(node.logBase, LogMark(10, 2))
    node.recordsAreDurable(through: node.lastPosition)
    _ = node.takeEffects()

    XCTAssertEqual(node.logBase, LogMark(12, 2))
  }

  func test_7_log_whenTheConfigurationIsForgotten_stillKnowsIt() {
    var node = follower(trailing: 0)

    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    XCTAssertEqual(node.configuration, .fixture(of: 3))
  }

  func test_7_follower_whenTheLogsMeetAtItsBase_stores() {
    var node = follower(trailing: 0)
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    node.receive(.append(term: 2, after: LogMark(10, 2), [2]), from: .node(2))

    XCTAssertEqual(node.takeEffects().acceptedIndexes, [LogIndex(11)])
    XCTAssertEqual(node.terms, [2])
  }

  func test_7_follower_whenEntriesBelowItsBaseCome_takesWhatIsBehindIt() {
    var node = follower(trailing: 2)
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    node.receive(.append(term: 2, after: LogMark(5, 2), [2, 2, 2, 2, 2, 2, 2]), from: .node(2))
    node.receive(.append(term: 2, after: LogMark(3, 1), [1, 2]), from: .node(2))

    XCTAssertEqual(node.takeEffects().acceptedIndexes, [LogIndex(12), LogIndex(5)])
    XCTAssertEqual(node.lastIndex, LogIndex(12))
  }

  func test_7_follower_whenItRejects_offersItsBaseAtTheEarliest() {
    var node = follower(trailing: 0)
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    node.receive(.append(term: 2, after: LogMark(20, 2), []), from: .node(2))

    XCTAssertEqual(node.takeEffects().rejectionHints, [LogMark(10, 2)])
  }

  func test_7_follower_whenEntriesBehindTheBaseConflict_truncatesToTheBase() {
    var node = follower(trailing: 0)
    node.receive(.append(term: 2, after: LogMark(10, 2), [2, 2]), from: .node(2))
    node.sync()
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    node.receive(.append(term: 3, after: LogMark(10, 2), [3]), from: .node(3))

    XCTAssertEqual(node.takeEffects().records.count, 3)
    XCTAssertEqual(node.terms, [3])
    XCTAssertEqual(node.logBase, LogMark(10, 2))
  }

  func test_7_candidate_whenItsLogIsEmptyBehindTheBase_campaignsWithTheBase() {
    var node = follower(trailing: 0)
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()

    node.pass(milliseconds: 400)

    XCTAssertEqual(
      node.takeEffects().messages(to: 2).last,
      .requestPreVote(term: Term(3), last: LogMark(10, 2))
    )
  }

  func test_7_voter_whenItsLogIsEmptyBehindTheBase_refusesAShorterLog() {
    var node = follower(trailing: 0)
    node.snapshotTaken(.fixture(10, 2))
    _ = node.takeEffects()
    node.pass(milliseconds: 400)

    node.receive(
      .requestVote(term: Term(4), last: LogMark(9, 2), isTransfer: false),
      from: .node(3)
    )

    XCTAssertNil(node.votedFor)
  }

  func test_7_leader_whenElectedAtItsBase_goesOnWithLogTimeAndIndex() {
    var mark = SnapshotMark.fixture(10, 2)
    mark.logTimeMicroseconds = 7_000_000
    let records: [RaftRecord] = [.hardState(term: Term(2), votedFor: nil), .restart(mark.mark)]
    var node = RaftCore.restored(1, records, after: mark)

    node.fireElectionTimer()
    node.receive(.preVoteAnswer(term: Term(3), isGranted: true), from: .node(2))
    node.sync()
    node.receive(.voteAnswer(term: Term(3), isGranted: true), from: .node(2))

    XCTAssertEqual(node.status.role, .leader)
    XCTAssertEqual(node.entry(at: LogIndex(11))?.logTimeMicroseconds, 7_000_000)
  }
}
