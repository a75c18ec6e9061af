import XCTest

@testable import Storage

/// Files missing, extra, empty, renamed, left over (D17), and failures of the disk itself.
final class JournalFilesTests: XCTestCase {
  private let first = SegmentHeader.fileName(1)
  private let second = SegmentHeader.fileName(2)
  private let third = SegmentHeader.fileName(3)
  private let fourth = SegmentHeader.fileName(4)

  func test_D17_recovery_whenFilesAreNotAsTheyWere_refusesAndNamesTheFile() throws {
    let disk = try threeSegments()
    let table: [(String, String, (CrashDisk) -> Void)] = [
      ("first missing", first, { [first] in $0.lose(first) }),
      ("middle missing", second, { [second] in $0.lose(second) }),
      ("last missing", third, { [third] in $0.lose(third) }),
      ("empty", second, { [second] in $0[second] = [] }),
      ("cut off", third, { [third] in $0[third].removeLast() }),
      ("cut off within the header", first, { [first] in $0[first].removeLast(16_000) }),
      ("longer", second, { [second] in $0[second].append(0) }),
      ("copied", fourth, { [third, fourth] in $0[fourth] = $0[third] }),
      ("unknown", "journal-1.seg", { $0["journal-1.seg"] = [1] }),
      (
        "exchanged", first,
        { [first, second] disk in (disk[first], disk[second]) = (disk[second], disk[first]) }
      ),
    ]
    for (name, file, damage) in table {
      let damaged = disk.copy()
      damage(damaged)
      let before = damaged.contents

      guard let error = storageError(of: { try reopen(damaged) }) else {
        XCTFail("\(name): accepted")
        continue
      }

      XCTAssertTrue("\(error)".contains(file), "\(name): \(error)")
      XCTAssertEqual(damaged.contents, before, name)
    }
  }

  func test_D17_recovery_whenTheLastSegmentIsLostAfterAPowerCut_isNoticed() throws {
    // The seal that tells is synced before the lost segment holds its first record.
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep([.fixture(1, size: 12_000), .fixture(2, size: 1000)])
    let after = disk.afterPowerCut { _ in false }
    after.lose(second)

    XCTAssertEqual(storageError { try reopen(after) }, .missing(file: second))
  }

  func test_D17_recovery_whenAllSegmentsAreGone_doesNotStartFromEmpty() throws {
    XCTAssertEqual(storageError { try reopen(CrashDisk()) }, .missing(file: first))
  }

  func test_D17_recovery_whenAPreparationWasInterrupted_removesItsFiles() throws {
    let disk = try threeSegments()
    disk["journal-spare.tmp"] = [0, 0, 0]
    disk["journal-spare-9.seg"] = [0, 0]

    let found = try reopen(disk)

    XCTAssertEqual(found.report.removed.sorted(), ["journal-spare-9.seg", "journal-spare.tmp"])
    XCTAssertEqual(disk["journal-spare.tmp"], [])
  }

  func test_recovery_whenAVersionIsUnknown_namesIt() throws {
    let disk = try threeSegments()
    disk[first].replaceSubrange(8..<10, with: [9, 0])
    disk[first].replaceSubrange(
      0..<4096,
      with: CheckedBlock.seal(
        Array(disk[first][..<4092]),
        size: 4096
      )
    )

    XCTAssertEqual(storageError { try reopen(disk) }, .unsupported(file: first, version: 9))
  }

  func test_D8_recovery_whenReadingFails_isFatalAndNamesTheFile() throws {
    let disk = try threeSegments()
    disk.failing = (.read, second, EIO)

    XCTAssertEqual(
      storageError { try reopen(disk) },
      .diskFailed(call: "read", file: second, errno: EIO)
    )
  }

  // MARK: EIO (D4, D5, D6)

  func test_D4_D6_journal_whenAWriteOrSyncFails_stopsForGood() throws {
    for call in [CrashDisk.Call.write, .sync] {
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      try journal.keep([.fixture(1)])
      disk.failing = (call, "journal", EIO)

      let error = storageError { try journal.keep([.fixture(2)]) }
      disk.failing = nil
      let calls = disk.calls

      XCTAssertEqual(error?.code, "disk_failed", call.rawValue)
      XCTAssertEqual(error?.isFatal, true, call.rawValue)
      XCTAssertEqual(storageError { try journal.append([.fixture(3)]) }, .stopped)
      XCTAssertEqual(storageError { try journal.sync() }, .stopped)
      XCTAssertEqual(storageError { try journal.prepareSpare() }, .stopped)
      XCTAssertEqual(storageError { try journal.forget(below: 2) }, .stopped)
      XCTAssertEqual(disk.calls, calls, "a failed call is never tried again")
      XCTAssertEqual(journal.durableThrough, 1, call.rawValue)
    }
  }

  func test_D4_recovery_whenASyncHadFailed_writesTheNewestBatchAgain() throws {
    // After EIO the kernel takes the dirty pages for clean: a sync alone would not write them.
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    try journal.keep([.fixture(1)])
    let start = journal.offset
    try journal.append([.fixture(2), .fixture(3)])
    let killed = disk.copy()

    let found = try reopen(killed)

    XCTAssertEqual(found.records.count, 3)
    XCTAssertEqual(killed.log.map(\.call), [.write, .sync, .syncFolder])
    XCTAssertEqual(start, 4096 + 144)
  }

  func test_D5_journal_whenAnyCallOfASegmentTurnFails_stopsAndLosesNothing() throws {
    for call in [CrashDisk.Call.write, .sync, .syncFolder, .rename] {
      let disk = CrashDisk()
      var journal = try Journal.fixture(on: disk)
      try journal.keep([.fixture(1, size: 12_000)])
      disk.failing = (call, "", EIO)

      let error = storageError { try journal.append([.fixture(2, size: 1000)]) }
      disk.failing = nil

      XCTAssertEqual(error?.isFatal, true, call.rawValue)
      XCTAssertEqual(storageError { try journal.sync() }, .stopped, call.rawValue)
      XCTAssertEqual(try reopen(disk).records.count, 1, call.rawValue)
    }
  }

  // MARK: A full disk (D7)

  func test_D7_journal_whenTheDiskIsFull_keepsTheSpareForVotesAndRecovers() throws {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    disk.capacity = 2 * (16 << 10) + 5000

    try journal.keep([.fixture(1, size: 8000)])
    let progress = [try journal.prepareSpare(stepBytes: 4096), try journal.prepareSpare()]
    let room = journal.room
    let again = try journal.prepareSpare(stepBytes: 4096)
    let roomForAPart = journal.room
    try journal.keep([.fixture(2, size: 24, isVital: true)])
    let refused = storageError { try journal.append([.fixture(3, size: 12_000)]) }
    disk.capacity = .max
    try journal.keep([.fixture(4, size: 12_000)])
    try journal.prepareAllSpares()

    XCTAssertEqual(progress, [.working, .noSpace])
    XCTAssertTrue(room.isDiskFull)
    XCTAssertEqual(again, .working)
    XCTAssertTrue(roomForAPart.isDiskFull, "a part of a spare is room for nothing")
    XCTAssertLessThan(room.beyondSpare, 5000)
    XCTAssertEqual(refused, .diskFull(file: "journal-spare.tmp"))
    XCTAssertEqual(refused?.isFatal, false)
    XCTAssertFalse(journal.room.isDiskFull)
    XCTAssertEqual(
      try reopen(disk).records.map(\.payload),
      [
        JournalRecord.fixture(1, size: 8000), .fixture(2, size: 24), .fixture(4, size: 12_000),
      ].map(\.payload)
    )
  }

  func test_D7_recovery_whenTheDiskIsFull_succeeds() throws {
    let disk = try threeSegments()
    for name in disk.contents.keys where name.contains("spare") { disk.lose(name) }
    disk.capacity = 0

    var journal = try reopen(disk).journal

    XCTAssertEqual(journal.room.beyondSpare, 0)
    XCTAssertEqual(try journal.prepareSpare(), .noSpace)
    XCTAssertNoThrow(try journal.keep([.fixture(99)]))
  }

  private func threeSegments() throws -> CrashDisk {
    let disk = CrashDisk()
    var journal = try Journal.fixture(on: disk)
    for number in 1...26 {
      try journal.keep([.fixture(number, size: 1000)])
      try journal.prepareAllSpares()
    }
    return disk
  }
}
