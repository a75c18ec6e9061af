import XCTest

@testable import Storage

/// What salvage writes must not hide what it has found: the next opening finds the same.
final class SalvageAgainTests: XCTestCase {
  private static let options = JournalOptions(segmentSizeBytes: 16 << 10)

  func test_D8_salvage_whenTheDiskIsFullAndASectorOfTheNewestBatchCannotBeRead_leavesIt() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    try journal.keep([.fixture(1), .fixture(2), .fixture(3), .fixture(4)])
    let start = journal.offset
    try journal.keep([.fixture(5, size: 600), .fixture(6, size: 2_000), .fixture(7, size: 600)])
    let name = SegmentHeader.fileName(1)
    disk.unreadable = (name, [(start + 640) / CrashDisk.sector + 2])
    for spare in try disk.list() where spare.hasPrefix("journal-spare") { disk.lose(spare) }

    disk.capacity = 0
    XCTAssertThrowsError(try open(disk))
    disk.capacity = .max
    let found = try open(disk)

    XCTAssertEqual(found.damage.map(\.first), [6])
    XCTAssertEqual(found.damage.map(\.last), [6])
    XCTAssertEqual(found.records.map(\.position), [1, 2, 3, 4, 5, 7])
  }

  func test_D8_salvage_whenPowerIsCutAfterAnyOfItsCalls_keepsTheSectorThatCannotBeRead() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    try journal.keep([.fixture(1), .fixture(2)])
    let start = journal.offset
    try journal.keep([.fixture(3, size: 600), .fixture(4, size: 2_000), .fixture(5, size: 600)])
    let sector = (start + 640) / CrashDisk.sector + 2

    for cut in 0..<12 {
      let crashed = disk.copy()
      crashed.unreadable = (SegmentHeader.fileName(1), [sector])
      crashed.cutAfter = cut
      _ = try? open(crashed)
      let left = crashed.unreadable
      let after = crashed.afterPowerCut { _ in true }
      after.unreadable = left

      XCTAssertEqual(try open(after).damage.map(\.first), [4], "cut \(cut)")
    }
  }

  func test_D10_salvage_whenACopyOfTheNewestVoteIsRepaired_leavesItRepaired() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    for number in 1...8 { try journal.keep([.fixture(number, size: 3_000)]) }
    try journal.keep([.fixture(9, size: 24, isVital: true)])
    let number = try XCTUnwrap(journal.segments.last?.number)
    XCTAssertGreaterThan(number, 1)
    let name = SegmentHeader.fileName(number)
    let survey = try DirectorySurvey.records(of: number, disk)
    let vote = try XCTUnwrap(survey.last { $0.isVital })
    disk[SegmentHeader.fileName(1)][SegmentHeader.size + 50] ^= 1

    disk[name][vote.offset + 45] ^= 1
    _ = try open(disk)
    disk[name][vote.offset + 64 + 4096 + 45] ^= 1
    let found = try open(disk)

    XCTAssertEqual(found.vital?.position, 9)
    XCTAssertTrue(found.isVitalCertain)
  }

  func test_D10_salvage_whenACopyOfAVoteCannotBeRead_doesNotWriteThere() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    let start = journal.offset
    try journal.keep([.fixture(1, size: 24, isVital: true), .fixture(2)])
    let sector = start / CrashDisk.sector
    disk.unreadable = (SegmentHeader.fileName(1), [sector])

    let found = try open(disk)

    XCTAssertEqual(found.records.map(\.position), [1, 2])
    XCTAssertEqual(disk.unreadable.sectors, [sector])
    XCTAssertEqual(found.report.repairs, [])
  }

  func test_D9_salvage_whenNoHeaderTellsWhereABatchWasGivenUp_takesNothingOfItForLaterRecords()
    throws
  {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    try journal.keep([.fixture(1), .fixture(2), .fixture(3), .fixture(4)])
    let torn = journal.offset
    try journal.keep([.fixture(5, size: 600), .fixture(6, size: 600), .fixture(7, size: 600)])
    let name = SegmentHeader.fileName(1)
    for place in torn..<torn + 100 { disk[name][place] = 0 }
    disk[name][20] ^= 1
    var found = try open(disk)
    XCTAssertEqual(found.records.count, 4)
    let later = (15...17).map { JournalRecord.fixture($0, size: 700) }
    try found.journal.keep(later)
    disk[SegmentHeader.fileName(2)][20] ^= 1

    let again = try open(disk)

    XCTAssertEqual(again.records.map(\.position), [1, 2, 3, 4, 5, 6, 7])
    XCTAssertEqual(again.records.suffix(3).map(\.payload), later.map(\.payload))
  }

  func test_D9_salvage_whenASegmentsEndIsZeroed_doesNotUseTheSegmentAgain() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    for number in 1...8 { try journal.keep([.fixture(number, size: 3_000)]) }
    let name = SegmentHeader.fileName(1)
    let last = try XCTUnwrap(try DirectorySurvey.records(of: 1, disk).last)
    for place in last.offset..<disk[name].count { disk[name][place] = 0 }

    let found = try open(disk)

    XCTAssertEqual(found.damage.map(\.first), [last.position])
    XCTAssertEqual(found.journal.segments.first?.isDamaged, true)
  }

  func test_D17_salvage_whenTheLastFileIsCutOffAndItsHeaderRotten_knowsThatItsEndIsLost() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    try journal.keep([.fixture(1), .fixture(2)])
    let end = journal.offset
    try journal.keep([.fixture(3), .fixture(4)])
    let name = SegmentHeader.fileName(1)
    disk[name] = Array(disk[name][..<end])
    disk[name][20] ^= 1

    let found = try open(disk)

    XCTAssertEqual(found.records.map(\.position), [1, 2])
    XCTAssertEqual(found.damage.first?.first, 3)
    XCTAssertGreaterThanOrEqual(found.damage.first?.last ?? 0, 4)
  }

  func test_D9_salvage_whenWhatGoesOnBehindALostSegmentIsLostToo_givesNoPositionTwice() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    for number in 1...8 { try journal.keep([.fixture(number, size: 3_000)]) }
    var last = try XCTUnwrap(journal.segments.last?.number)
    var shown = journal.durableThrough
    for _ in 1...3 {
      let size = disk[SegmentHeader.fileName(last)].count
      disk[SegmentHeader.fileName(last)] = [UInt8](repeating: 0xEE, count: size)
      var found = try open(disk)
      XCTAssertGreaterThanOrEqual(found.damage.last?.last ?? 0, shown)
      try found.journal.keep([.fixture(9)])
      XCTAssertGreaterThan(found.journal.durableThrough, shown)
      shown = found.journal.durableThrough
      last = try XCTUnwrap(found.journal.segments.last?.number)
    }
  }

  private func open(_ disk: CrashDisk) throws -> RecoveredJournal {
    try JournalRecovery.open(
      on: disk,
      identity: tag,
      options: Self.options,
      toleratingDamage: true
    )
  }
}
