import XCTest

@testable import Storage

final class JournalTests: XCTestCase {
  func test_journal_whenReopened_givesBackEveryRecordInOrder() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let records = (1...7).map { JournalRecord.fixture($0, size: $0 * 13, isVital: $0 % 3 == 0) }

    try journal.append(records)
    try journal.sync()
    let found = try reopen(disk)

    XCTAssertEqual(found.records.map(\.payload), records.map(\.payload))
    XCTAssertEqual(found.records.map(\.isVital), records.map(\.isVital))
    XCTAssertEqual(found.records.map(\.position), Array(1...7))
    XCTAssertEqual(found.vital?.position, 6)
    XCTAssertEqual(found.vital?.payload, records[5].payload)
    XCTAssertEqual(found.journal.nextPosition, 8)
    XCTAssertEqual(found.journal.durableThrough, 7)
    XCTAssertEqual(found.report.repairs, [])
  }

  func test_journal_whenEmpty_reopensEmpty() throws {
    let disk = CrashDisk()
    _ = try Journal.fixture(on: disk)

    let found = try reopen(disk)

    XCTAssertEqual(found.records, [])
    XCTAssertNil(found.vital)
    XCTAssertEqual(found.journal.nextPosition, 1)
  }

  func test_durableThrough_whenSynced_coversEverythingAppended() throws {
    var journal = try Journal.fixture(on: CrashDisk())

    try journal.append([.fixture(1), .fixture(2)])
    let before = journal.durableThrough
    try journal.sync()

    XCTAssertEqual(before, 0)
    XCTAssertEqual(journal.durableThrough, 2)
    XCTAssertEqual(journal.nextPosition, 3)
  }

  func test_append_whenTheBatchFitsTheSegment_writesOnce() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let calls = disk.calls

    try journal.append((1...20).map { .fixture($0) })
    try journal.sync()

    XCTAssertEqual(disk.log[calls...].map(\.call), [.write, .sync])
  }

  func test_append_whenTheBatchSpansSegments_losesNothing() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let records = (1...40).map { JournalRecord.fixture($0, size: 1000, isVital: $0 == 11) }

    try journal.keep(records)
    let found = try reopen(disk)

    XCTAssertEqual(found.records.map(\.payload), records.map(\.payload))
    XCTAssertEqual(found.vital?.position, 11)
    XCTAssertGreaterThan(found.report.segments, 2)
  }

  func test_append_whenARecordFillsASegment_keepsIt() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let limit = JournalOptions.small.payloadSizeMax

    try journal.keep([.fixture(1, size: limit), .fixture(2, size: 0), .fixture(3, size: limit)])
    let found = try reopen(disk)

    XCTAssertEqual(found.records.map(\.payload.count), [limit, 0, limit])
    XCTAssertEqual(found.report.segments, 3)
  }

  func test_append_whenARecordIsTooLarge_writesNothing() throws {
    let limit = JournalOptions.small.payloadSizeMax
    let tooLarge: [(String, JournalRecord, Int)] = [
      ("data", .fixture(2, size: limit + 1), limit),
      ("vital", .fixture(2, size: 1025, isVital: true), 1024),
    ]
    for (name, record, limit) in tooLarge {
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      let calls = disk.calls

      let error = storageError { try journal.append([.fixture(1), record]) }

      XCTAssertEqual(error, .recordTooLarge(size: record.payload.count, limit: limit), name)
      XCTAssertEqual(disk.calls, calls, name)
      XCTAssertEqual(journal.nextPosition, 1, name)
    }
  }

  func test_vitalRecord_whenWritten_hasTwoCopiesMoreThan4KiBApart() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let vital = JournalRecord(payload: Array("term 7, vote 2".utf8), isVital: true)

    try journal.keep([vital])

    let bytes = disk[SegmentHeader.fileName(1)]
    let copies = bytes.indices.filter { bytes[$0...].starts(with: vital.payload) }
    XCTAssertEqual(copies.count, 2)
    XCTAssertGreaterThan(copies[1] - copies[0], 4096)
  }

  func test_segmentHeader_whenASegmentTurns_holdsTheNewestVital() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let vital = JournalRecord(payload: Array("term 7, vote 2".utf8), isVital: true)

    try journal.keep([vital, .fixture(2, size: 12_000)])

    let header = try SegmentHeader(
      decoding: Array(disk[SegmentHeader.fileName(2)].prefix(4096)),
      file: ""
    )
    XCTAssertEqual(header.vital?.payload, vital.payload)
    XCTAssertEqual(header.vital?.position, 1)
    XCTAssertEqual(header.firstPosition, 2)
  }

  func test_room_whenRecordsAreAppended_shrinksByTheirFootprint() throws {
    var journal = try Journal.fixture(on: CrashDisk())
    let records = [JournalRecord.fixture(1, size: 33), .fixture(2, size: 20, isVital: true)]
    let before = journal.room

    try journal.append(records)

    let taken = records[0].footprint + records[1].footprint
    XCTAssertEqual(journal.room.beyondSpare, before.beyondSpare - taken)
    XCTAssertEqual(journal.room.withSpare, before.withSpare - taken)
    XCTAssertEqual(before.withSpare, before.beyondSpare + (16 << 10) - 4096 - 40)
  }

  func test_prepareSpare_whenTheSegmentIsHalfFull_makesASecondOneInSmallSteps() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    let early = try journal.prepareSpare(stepBytes: 4096)

    try journal.keep([.fixture(1, size: 8000)])
    var steps: [SpareProgress] = []
    repeat { steps.append(try journal.prepareSpare(stepBytes: 4096)) } while steps.last != .ready

    XCTAssertEqual(early, .ready)
    XCTAssertEqual(steps, [.working, .working, .working, .ready])
    XCTAssertEqual(disk.contents.keys.filter { $0.contains("spare") }.count, 2)
    XCTAssertGreaterThan(journal.room.beyondSpare, 12_000)
  }

  func test_staleRecords_whenASegmentIsRecycled_areNotReadAgain() throws {
    // Equal records everywhere, so that old ones stand exactly where new ones would.
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep((1...44).map { .fixture($0, size: 1000) })
    try journal.forget(below: journal.nextPosition)
    let spares = disk.contents.keys.filter { $0.contains("spare") }

    try journal.keep((45...46).map { .fixture($0, size: 1000) })
    try journal.prepareAllSpares()
    try journal.keep((47...56).map { .fixture($0, size: 1000) })
    let first = journal.firstPosition
    let found = try reopen(disk, neededFrom: first)

    XCTAssertFalse(spares.isEmpty)
    XCTAssertGreaterThan(found.report.segments, 1)
    XCTAssertGreaterThan(found.report.bytesZeroed, 0, "the tail held stale records")
    XCTAssertEqual(found.records.map(\.position), Array(first...56))
    XCTAssertEqual(
      found.records.map(\.payload),
      (Int(first)...56).map { JournalRecord.fixture($0, size: 1000).payload }
    )
  }

  func test_forget_whenSegmentsGo_keepsTheVitalOfTheirTime() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep([.fixture(1, isVital: true)] + (2...44).map { .fixture($0, size: 1000) })

    try journal.forget(below: 40)
    let found = try reopen(disk, neededFrom: 40)

    XCTAssertGreaterThan(found.journal.firstPosition, 1)
    XCTAssertLessThanOrEqual(found.journal.firstPosition, 40)
    XCTAssertEqual(
      found.vital,
      JournalVital(position: 1, payload: JournalRecord.fixture(1).payload)
    )
  }
}
