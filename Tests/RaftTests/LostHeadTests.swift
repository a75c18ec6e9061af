import Consensus
import XCTest

@testable import Raft

/// A journal whose first segments are gone has forgotten them or lost them (D9, D17).
///
/// Which of the two its other records tell.
final class LostHeadTests: XCTestCase {
  private static let snapshot = SnapshotMark.fixture(20, 1)
  private static let vote = RaftRecord.hardState(term: Term(2), votedFor: nil)

  func test_journal_whenNoEntryIsLeftInIt_isDamaged() {
    let node = Self.core([Self.vote])

    XCTAssertFalse(node.isWhole, "entries behind the snapshot may have stood in what is lost")
  }

  func test_journal_whenTheFirstEntryLeftIsTruncatedSince_isJudgedByItAllTheSame() {
    let distant = Self.core([Self.vote, Self.entry(24), .truncate(from: LogIndex(24))])
    let next = Self.core([Self.vote, Self.entry(21), .truncate(from: LogIndex(21))])
    let early = Self.core([Self.vote, Self.entry(19), .truncate(from: LogIndex(19))])

    XCTAssertFalse(distant.isWhole, "entries 21 to 23 are lost")
    XCTAssertTrue(next.isWhole)
    XCTAssertTrue(early.isWhole)
  }

  func test_journal_whenOnlyATruncationIsLeft_isJudgedByThat() {
    XCTAssertFalse(Self.core([Self.vote, .truncate(from: LogIndex(24))]).isWhole)
    XCTAssertTrue(Self.core([Self.vote, .truncate(from: LogIndex(21))]).isWhole)
  }

  func test_journal_whenEntriesGoOnFurtherThanWhatWasTruncated_isDamaged() {
    let node = Self.core([
      Self.vote, Self.entry(21), .truncate(from: LogIndex(21)), Self.entry(31),
    ])

    XCTAssertFalse(node.isWhole, "entries 21 to 30 are lost")
    XCTAssertEqual(node.lastIndex, LogIndex(20))
  }

  func test_journal_whenASnapshotIsAheadOfWhatWasTruncated_saysWhereTheLogGoesOn() {
    let records = [Self.vote, Self.entry(21), .truncate(from: LogIndex(21))]
    var node = Self.core(records, after: .fixture(30, 1))

    XCTAssertTrue(node.takeEffects().records.contains(.restart(LogMark(30, 1))))
  }

  func test_journal_whenOnlyTheVoteIsMissing_hasNoCertainTerm() {
    let node = Self.core([Self.entry(21)])

    XCTAssertFalse(node.isWhole, "an entry of term 2 has been written by whoever knew term 2")
    XCTAssertFalse(node.repair?.isTermKnown ?? true)
  }

  func test_journal_whenALogBeganAgainInIt_isWhole() {
    let node = Self.core([Self.vote, .restart(LogMark(20, 1))])

    XCTAssertTrue(node.isWhole)
    XCTAssertEqual(node.lastIndex, LogIndex(20))
  }

  func test_D21_journal_whenAllItsEntriesHaveRottedAndAreForgotten_isWholeAtTheNextStart() {
    let effects = Self.whenRotten(below: 12)

    XCTAssertEqual(effects.records, [.restart(LogMark(10, 2)), .repaired])
    let left = [Self.vote] + effects.records
    let next = Self.core(left, after: .fixture(10, 2), from: 12)
    XCTAssertTrue(next.isWhole)
    XCTAssertEqual(next.lastIndex, LogIndex(10))
  }

  func test_D21_journal_whenSomeOfItsEntriesStay_doesNotCutThemOff() {
    let effects = Self.whenRotten(below: 6)

    XCTAssertEqual(effects.records, [], "an older snapshot and the entries behind it are one log")
  }

  func test_D21_journal_whenItIsForgottenInPart_isWholeAllTheSame() {
    let holes: [ClosedRange<UInt64>] = [3...4]
    let records: [RaftRecord] = [Self.vote, .restart(LogMark(20, 1)), .repaired]
    let found = records.enumerated().map { place, record in
      Recovered(position: 9 + UInt64(place), record: record)
    }
    let past = Past(found, after: Self.snapshot, without: holes)

    XCTAssertFalse(RecoveredState(folding: past).isDamaged(after: Self.snapshot))
  }

  func test_D15_journal_whenItsAdmissionIsLostWithItsHead_drawsNoOtherNumber() {
    let damaged = Self.core([Self.vote], options: RaftOptions())
    let sound = Self.core([Self.vote, Self.entry(21)], options: RaftOptions())
    let new = Self.core([.restart(LogMark(20, 0))], from: 1, options: RaftOptions())

    XCTAssertEqual(damaged.admission.directory, 0, "others would refuse a new one")
    XCTAssertEqual(sound.admission.directory, 0)
    XCTAssertNotEqual(new.admission.directory, 0)
  }

  // MARK: Helpers

  /// What a follower does, whose records have rotted below a position, when a snapshot holds all
  /// entries.
  private static func whenRotten(below position: UInt64) -> Effects<RaftMessage, RaftRecord> {
    var node = RaftCore.settledFollower(term: 2, log: [1, 1, 1, 2, 2, 2, 2, 2, 2])
    node.recordsAreDamaged(below: position)
    node.snapshotTaken(.fixture(10, 2))
    let effects = node.takeEffects()
    XCTAssertEqual(effects.forgetRecordsBelow, position)
    return effects
  }

  private static func entry(_ index: UInt64) -> RaftRecord {
    .entry(LogIndex(index), .fixture(term: 2))
  }

  /// Starts on records from a position on, everything before which is gone.
  private static func core(
    _ records: [RaftRecord],
    after snapshot: SnapshotMark = snapshot,
    from first: UInt64 = 9,
    options: RaftOptions = .trusting
  ) -> RaftCore {
    let found = records.enumerated().map { place, record in
      Recovered(position: first + UInt64(place), record: record)
    }
    return RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(1), boot: 2),
      options: options,
      recovering: Past(found, after: snapshot),
      seed: 1,
      now: .milliseconds(1_000)
    )
  }
}
