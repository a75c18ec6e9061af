import Foundation
import XCTest

@testable import Storage

/// Damage to a journal's bytes: told from a power cut where it can be, never guessed at.
final class JournalDamageTests: XCTestCase {
  private let isExhaustive =
    ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] != nil

  // MARK: The last record (D3)

  func test_D3_recovery_whenTheLastRecordIsCutOffAtAnyByte_keepsTheOthers() throws {
    let (disk, start, end) = try journalEnding(with: .fixture(9, size: 61))
    let name = SegmentHeader.fileName(1)
    let whole = disk[name]

    for cut in start..<end {
      let torn = disk.copy()
      torn[name].replaceSubrange(cut..<end, with: [UInt8](repeating: 0, count: end - cut))
      // The last bytes of a record are zeros anyway.
      guard torn[name] != whole else { continue }

      XCTAssertEqual(try reopen(torn).records.count, 3, "cut at \(cut)")
    }
  }

  func test_D3_recovery_whenAnyBitOfTheLastRecordIsWrong_keepsTheOthers() throws {
    let (disk, start, end) = try journalEnding(with: .fixture(9, size: 61))

    for offset in start..<end {
      for bit in 0..<8 {
        let torn = disk.copy()
        torn[SegmentHeader.fileName(1)][offset] ^= 1 << bit

        let found = try reopen(torn)

        XCTAssertEqual(found.records.count, 3, "bit \(bit) of byte \(offset)")
        XCTAssertEqual(found.journal.nextPosition, 4)
      }
    }
  }

  func test_D3_recovery_whenATornTailWasCut_appendsInItsPlace() throws {
    let (disk, start, _) = try journalEnding(with: .fixture(9, size: 61))
    disk[SegmentHeader.fileName(1)][start + 45] ^= 1

    var journal = try reopen(disk).journal
    let tail = disk[SegmentHeader.fileName(1)][start...]
    try journal.keep([.fixture(10)])
    let found = try reopen(disk)

    XCTAssertTrue(tail.allSatisfy { $0 == 0 })

    XCTAssertEqual(found.records.last?.payload, JournalRecord.fixture(10).payload)
    XCTAssertEqual(found.records.last?.position, 4)
  }

  func test_W5_recovery_whenDamageLiesInTheLastSyncedBatch_cannotTellAndEndsBeforeIt() throws {
    // The limit that docs/formats/journal.md §6 admits.
    let (disk, start, _) = try journalEnding(with: .fixture(9))
    disk[SegmentHeader.fileName(1)][start] ^= 1

    XCTAssertEqual(try reopen(disk).records.count, 3)
  }

  func test_recovery_whenATornPayloadHoldsAForgedRecord_isNotFooled() throws {
    let forger = RecordWriter(
      seed: 0,
      segment: 1,
      position: 99,
      previousChecksum: 0,
      durableThrough: 99
    )
    let forged = forger.seal().bytes
    let payload = JournalRecord(payload: [UInt8](repeating: 7, count: 24) + forged)
    let (disk, start, _) = try journalEnding(with: payload)
    disk[SegmentHeader.fileName(1)][start] ^= 1

    XCTAssertEqual(try reopen(disk).records.count, 3)
  }

  // MARK: Rot (D9)

  func test_D9_recovery_whenAnyByteRots_refusesOrRepairsOrEndsInTheLastBatch() throws {
    let disk = try longJournal()
    let expected = try reopen(disk.copy()).records
    let step = isExhaustive ? 1 : 61

    for number in UInt64(1)...2 {
      let name = SegmentHeader.fileName(number)
      for offset in stride(from: 0, to: 16 << 10, by: step) {
        let rotten = disk.copy()
        rotten[name][offset] ^= 0x10
        try judge(rotten, expected, "byte \(offset) of \(name)")
      }
    }
  }

  func test_D9_recovery_whenAnySectorIsLost_refusesOrRepairsOrEndsInTheLastBatch() throws {
    let disk = try longJournal()
    let expected = try reopen(disk.copy()).records
    let fillings = [UInt8(0), 0xEE].map { [UInt8](repeating: $0, count: CrashDisk.sector) }

    for number in UInt64(1)...2 {
      let name = SegmentHeader.fileName(number)
      for offset in stride(from: 0, to: 16 << 10, by: CrashDisk.sector) {
        for filling in fillings {
          let rotten = disk.copy()
          rotten[name].replaceSubrange(offset..<offset + filling.count, with: filling)
          try judge(rotten, expected, "sector at \(offset) of \(name)")
        }
      }
    }
  }

  func test_D9_recovery_whenASyncedRecordRots_namesFileAndOffset() throws {
    let (disk, start, _) = try journalEnding(with: .fixture(9), then: [.fixture(10)])
    let name = SegmentHeader.fileName(1)
    disk[name][start + 50] ^= 1

    guard case .corrupt(let file, let offset, let what) = storageError(of: { try reopen(disk) })
    else { return XCTFail("rot was accepted") }

    XCTAssertEqual(file, name)
    XCTAssertEqual(offset, start)
    XCTAssertTrue(what.contains("record 4"), what)
  }

  func test_D12_recovery_whenTwoRecordsAreSwapped_refuses() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    for number in 1...4 { try journal.keep([.fixture(number, size: 88)]) }
    let name = SegmentHeader.fileName(1)
    let (first, second) = (Array(disk[name][4096..<4224]), Array(disk[name][4224..<4352]))

    disk[name].replaceSubrange(4096..<4352, with: second + first)

    guard case .corrupt(_, 4096, _) = storageError(of: { try reopen(disk) }) else {
      return XCTFail("swapped records were accepted")
    }
  }

  func test_D12_D13_recovery_whenARecordContinuesAnotherPast_isNotTaken() throws {
    // Record 4 of one history behind record 3 of another: right position, wrong predecessor.
    let histories = try [3, 33].map { third in
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      try journal.keep([.fixture(1), .fixture(2), .fixture(third), .fixture(4)])
      return disk
    }
    let name = SegmentHeader.fileName(1)
    let fourth = 4096 + 3 * JournalRecord.fixture(4).footprint

    histories[0][name].replaceSubrange(fourth..., with: histories[1][name][fourth...])

    XCTAssertEqual(try reopen(histories[0]).records.count, 3)
  }

  func test_recordFrame_whenOfAnotherSegment_isNotWhole() throws {
    let writer = RecordWriter(
      seed: 5,
      segment: 256,
      position: 8,
      previousChecksum: 1,
      durableThrough: 3
    )
    let bytes = writer.seal().bytes

    XCTAssertNotNil(RecordFrame(in: bytes, at: 0, segment: 256, seed: 5))
    XCTAssertNil(RecordFrame(in: bytes, at: 0, segment: 512, seed: 5))
    XCTAssertNil(RecordFrame(in: bytes, at: 0, segment: 256, seed: 6))
    XCTAssertNil(RecordFrame(in: bytes, at: 8, segment: 256, seed: 5))
  }

  func test_D12_recovery_whenAnotherJournalsSegmentStandsHere_refuses() throws {
    let disk = try longJournal()
    let other = CrashDisk()
    _ = try Journal.create(
      on: other,
      identity: [UInt8](repeating: 1, count: 32),
      options: .small
    )
    let name = SegmentHeader.fileName(1)

    disk[name] = other[name]

    guard case .foreign(name, _) = storageError(of: { try reopen(disk) }) else {
      return XCTFail("another journal's segment was accepted")
    }
  }

  // MARK: Vital records (D10)

  func test_D10_vitalRecord_whenEitherCopyRots_isRepairedForGood() throws {
    for isLast in [true, false] {
      let vital = JournalRecord.fixture(9, size: 30, isVital: true)
      let (disk, start, end) = try journalEnding(with: vital, then: isLast ? [] : [.fixture(10)])
      let name = SegmentHeader.fileName(1)
      let whole = disk[name]
      for offset in [start, start + 45, start + 72, start + 2000, end - 72, end - 1] {
        let rotten = disk.copy()
        rotten[name][offset] ^= 1

        let found = try reopen(rotten)

        XCTAssertEqual(found.vital?.payload, vital.payload, "byte \(offset)")
        XCTAssertEqual(found.report.repairs.count, 1, "byte \(offset)")
        XCTAssertEqual(rotten[name], whole, "byte \(offset)")
      }
    }
  }

  func test_D10_vitalRecord_whenBothCopiesRot_isNotGuessed() throws {
    let vital = JournalRecord.fixture(9, size: 30, isVital: true)
    let (disk, start, end) = try journalEnding(with: vital, then: [.fixture(10)])
    disk[SegmentHeader.fileName(1)][start + 45] ^= 1
    disk[SegmentHeader.fileName(1)][end - 20] ^= 1

    XCTAssertEqual(storageError { try reopen(disk) }?.code, "journal_corrupt")
  }

  // MARK: Helpers

  /// A segment with three synced records and `last`, synced too; where that begins and ends.
  private func journalEnding(
    with last: JournalRecord,
    then more: [JournalRecord] = []
  ) throws -> (disk: CrashDisk, start: Int, end: Int) {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep((1...3).map { .fixture($0) })
    let start = journal.offset
    try journal.keep([last])
    let end = journal.offset
    for record in more { try journal.keep([record]) }
    return (disk, start, end)
  }

  /// Two segments and a bit, with votes, every record synced by itself.
  private func longJournal() throws -> CrashDisk {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    for number in 1...26 {
      try journal.keep([.fixture(number, size: 20 + number * 37, isVital: number % 12 == 3)])
    }
    return disk
  }

  /// A refusal changes nothing; what is accepted is right, and short of the last record at most.
  private func judge(
    _ disk: CrashDisk,
    _ expected: [RecoveredRecord],
    _ what: String
  ) throws {
    let before = disk.contents
    do {
      let found = try reopen(disk)
      XCTAssertGreaterThanOrEqual(found.records.count, expected.count - 1, what)
      XCTAssertEqual(found.records, Array(expected.prefix(found.records.count)), what)
    } catch {
      XCTAssertTrue(["journal_corrupt", "file_missing"].contains(error.code), "\(what): \(error)")
      XCTAssertEqual(disk.contents, before, what)
      XCTAssertEqual(disk.calls, 0, what)
    }
  }
}
