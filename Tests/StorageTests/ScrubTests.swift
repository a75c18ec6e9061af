import XCTest

@testable import Storage

/// Rot in files that a running node does not read is found, and what is damaged is given up once
/// it is no longer needed (D8, D9, D21).
final class ScrubTests: XCTestCase {
  private let identity = DirectoryIdentity(tag: tag, payload: [1, 2, 3])

  // MARK: Segments

  func test_D21_scrub_whenAllIsWhole_readsEverySegment() throws {
    let (disk, directory, journal) = try makeJournal()

    let findings = try scrubAll(directory, durableThrough: journal.durableThrough)

    XCTAssertEqual(findings, [:])
    XCTAssertGreaterThan(try directory.segments().count, 3)
    XCTAssertEqual(try directory.segments().map(\.size).max(), 16 << 10)
    withExtendedLifetime(disk) {}
  }

  func test_D21_scrub_whenAnyByteOfARecordIsWrong_findsTheSegment() throws {
    let (whole, directory, journal) = try makeJournal()
    let segments = try directory.segments()
    let last = try XCTUnwrap(segments.last?.number)

    for segment in segments {
      let name = SegmentHeader.fileName(segment.number)
      for record in try DirectorySurvey.records(of: segment.number, whole) {
        let kept = whole[name][record.offset + 12]
        whole[name][record.offset + 12] ^= 1
        // What its echo repeats behind the last position known to be synced is left alone.
        let findings = try scrubAll(directory, durableThrough: journal.durableThrough)

        XCTAssertEqual(Array(findings.keys), [segment.number], "record \(record.position)")
        whole[name][record.offset + 12] = kept
      }
      whole[name][70] ^= 1
      let header = try scrubAll(directory, durableThrough: journal.durableThrough)
      XCTAssertNotNil(header[segment.number], "the header of \(name)")
      whole[name][70] ^= 1
    }
    XCTAssertEqual(last, journal.segments.last?.number)
  }

  func test_D8_scrub_whenASectorCannotBeRead_findsTheSegment() throws {
    let (disk, directory, journal) = try makeJournal()
    disk.unreadable = (SegmentHeader.fileName(2), [10])

    let findings = try scrubAll(directory, durableThrough: journal.durableThrough)

    XCTAssertEqual(findings[2]?.code, "disk_failed")
    XCTAssertEqual(FoundDamage(inSegment: 2, findings[2]).what, "read gives errno 5")
  }

  func test_scrub_whenRecordsAreStillBeingWritten_leavesThemAlone() throws {
    var (disk, directory, journal) = try makeJournal()
    let durable = journal.durableThrough
    try journal.append([.fixture(500), .fixture(501)])
    let name = SegmentHeader.fileName(try XCTUnwrap(journal.segments.last?.number))
    disk[name][journal.offset - 20] ^= 1

    let findings = try scrubAll(directory, durableThrough: durable)

    XCTAssertEqual(findings, [:])
  }

  func test_scrub_whenASegmentIsForgottenMeanwhile_findsNothing() throws {
    var (disk, directory, journal) = try makeJournal()
    var scrub = try XCTUnwrap(
      directory.scrub(segment: 1, before: 2, durableThrough: journal.durableThrough)
    )
    _ = try scrub.step()
    try journal.forget(below: journal.segments[2].firstPosition)
    // Whatever is written into the recycled file.
    for name in disk.contents.keys where SegmentPool.isSpare(name) {
      disk[name] = [UInt8](repeating: 7, count: 16 << 10)
    }

    while try scrub.step() != nil {}

    XCTAssertNil(
      try directory.scrub(segment: 1, before: 2, durableThrough: journal.durableThrough)
    )
  }

  func test_scrub_whenTheSealIsNotWrittenYet_findsNothing() throws {
    let (disk, directory, journal) = try makeJournal()
    let name = SegmentHeader.fileName(1)
    let survey = try DirectorySurvey(of: disk).segment(1)
    XCTAssertTrue(survey.isSealed)
    disk[name].replaceSubrange(
      survey.end - RecordFrame.headerSize..<survey.end,
      with: [UInt8](repeating: 0, count: RecordFrame.headerSize)
    )

    let findings = try scrubAll(directory, durableThrough: journal.durableThrough)

    XCTAssertEqual(findings, [:])
  }

  // MARK: Giving up

  func test_isolateDamage_whenTheLastSegmentIsDamaged_goesOnInANewOne() throws {
    var (disk, _, journal) = try makeJournal()
    let last = try XCTUnwrap(journal.segments.last?.number)
    let next = journal.nextPosition

    let below = try journal.isolateDamage(in: last)
    try journal.keep([.fixture(900)])
    try journal.forget(below: try XCTUnwrap(below))

    XCTAssertEqual(below, next)
    XCTAssertEqual(journal.segments.map(\.number), [last + 1])
    let found = try reopen(disk, neededFrom: next)
    XCTAssertEqual(found.records.map(\.payload), [JournalRecord.fixture(900).payload])
  }

  func test_isolateDamage_whenASegmentIsDamaged_removesItInsteadOfUsingItAgain() throws {
    var (disk, _, journal) = try makeJournal()
    disk.lose("journal-spare-1.seg")
    let second = journal.segments[2].firstPosition

    let below = try journal.isolateDamage(in: 2)
    try journal.forget(below: second)

    XCTAssertEqual(below, second)
    XCTAssertEqual(try journal.isolateDamage(), nil, "nothing damaged is left")
    XCTAssertFalse(disk.contents.keys.contains(SegmentHeader.fileName(2)))
  }

  func test_isolateDamage_whenAFileIsMissing_forgetsItAllTheSame() throws {
    var (disk, _, journal) = try makeJournal()
    disk.lose(SegmentHeader.fileName(2))

    let below = try XCTUnwrap(try journal.isolateDamage(in: 2))
    try journal.forget(below: below)

    XCTAssertEqual(journal.firstPosition, below)
    XCTAssertNoThrow(try reopen(disk, neededFrom: below))
  }

  func test_isolateDamage_whenRecoveryHasFoundHoles_knowsThem() throws {
    let (disk, _, journal) = try makeJournal()
    let second = SegmentHeader.fileName(2)
    disk[second][9000] ^= 1
    let after = journal.segments[2].firstPosition

    var found = try JournalRecovery.open(
      on: disk,
      identity: tag,
      options: .small,
      toleratingDamage: true
    )

    XCTAssertEqual(try found.journal.isolateDamage(), after)
    XCTAssertEqual(found.report.damage.map(\.file), [second])
    XCTAssertEqual(found.refusal?.code, "journal_corrupt")
    try found.journal.forget(below: after)
    XCTAssertNil(try found.journal.isolateDamage())
  }

  func test_D17_salvage_whenFilesAreNotTheirOwn_namesEachAndSaysWhatItIs() throws {
    let (whole, _, _) = try makeJournal()
    let names = (1...4).map { SegmentHeader.fileName(UInt64($0)) }
    let table: [(String, String, (CrashDisk) -> Void)] = [
      (names[1], "it is missing", { $0.lose(names[1]) }),
      (names[1], "it is empty", { $0[names[1]] = [] }),
      (names[1], "its content is \(names[2])", { $0[names[1]] = $0[names[2]] }),
      (names[1], "belongs to another", { $0[names[1]] = Self.foreignSegment(2) }),
      (names[1], "the file's size", { $0[names[1]].removeLast(4096) }),
    ]

    for (name, what, damage) in table {
      let disk = whole.copy()
      damage(disk)

      let found = try JournalRecovery.open(
        on: disk,
        identity: tag,
        options: .small,
        toleratingDamage: true
      )

      let said = found.report.damage.contains { $0.file == name && $0.what.contains(what) }
      XCTAssertTrue(said, "\(what): \(found.report.damage)")
      XCTAssertFalse(found.damage.isEmpty, what)
    }
  }

  private static func foreignSegment(_ number: UInt64) -> [UInt8] {
    let header = SegmentHeader(
      segmentSize: 16 << 10,
      identity: [UInt8](repeating: 9, count: 32),
      number: number,
      firstPosition: 1,
      previousChecksum: 0,
      vital: nil
    )
    return header.encoded() + [UInt8](repeating: 0, count: 12 << 10)
  }

  // MARK: Identity and boot

  func test_D10_ownFiles_whenTheyRotUnderARunningNode_areWrittenFromMemory() throws {
    let table: [(String, (CrashDisk) -> Void)] = [
      ("identity", { $0["identity"][60] ^= 1 }),
      ("identity", { $0["identity"] = [UInt8](repeating: 0, count: 8192) }),
      ("identity", { $0["identity"] = [] }),
      ("identity", { $0.lose("identity") }),
      ("boot", { $0["boot"][20] ^= 1 }),
      ("boot", { $0["boot"] = [UInt8](repeating: 0, count: 8192) }),
      ("boot", { $0.lose("boot") }),
      ("boot", { $0.unreadable = ("boot", [0]) }),
      ("boot", { $0.unreadable = ("boot", [3]) }),
      ("identity", { $0.unreadable = ("identity", [5]) }),
    ]
    for (file, damage) in table {
      let (disk, directory, _) = try makeJournal()
      damage(disk)

      XCTAssertEqual(try directory.mendOwnFiles(), [file])

      disk.unreadable = ("", [])
      XCTAssertEqual(try directory.mendOwnFiles(), [])
      let again = try DataDirectory.open(on: disk.copy())
      XCTAssertEqual(again.identity, identity)
      XCTAssertGreaterThan(again.bootNumber, directory.bootNumber)
    }
  }

  func test_D8_D10_open_whenOneCopyCannotBeRead_takesTheOther() throws {
    for file in ["identity", "boot"] {
      for sectors in [[0], [15]] as [Set<Int>] {
        let (disk, directory, _) = try makeJournal()
        let damaged = disk.copy()
        damaged.unreadable = (file, sectors)

        let again = try DataDirectory.open(on: damaged)

        XCTAssertEqual(again.identity, identity)
        XCTAssertGreaterThan(again.bootNumber, directory.bootNumber)
      }
    }
  }

  // MARK: Helpers

  private func makeJournal() throws -> (CrashDisk, DataDirectory, Journal) {
    let disk = CrashDisk()
    try DataDirectory.create(on: disk, identity: identity, records: [.fixture(1)], options: .small)
    let directory = try DataDirectory.open(on: disk)
    var journal = try directory.openJournal(options: .small).journal
    for number in 2...60 {
      let size = number % 20 == 0 ? 24 : number * 53 % 1000
      try journal.keep([.fixture(number, size: size, isVital: number % 20 == 0)])
      try journal.prepareAllSpares()
    }
    return (disk, directory, journal)
  }

  /// What is wrong, by segment.
  private func scrubAll(
    _ directory: DataDirectory,
    durableThrough: UInt64
  ) throws -> [UInt64: StorageError] {
    var findings: [UInt64: StorageError] = [:]
    let numbers = try directory.segments().map(\.number)
    for (place, number) in numbers.enumerated() {
      let next = place + 1 < numbers.count ? numbers[place + 1] : nil
      findings[number] = storageError {
        var scrub = try directory.scrub(
          segment: number,
          before: next,
          durableThrough: durableThrough
        )
        // Pieces so small that no record is whole in one.
        while try scrub?.step(sizeAim: 64) != nil {}
      }
    }
    return findings
  }
}
