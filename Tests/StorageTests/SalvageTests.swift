import Foundation
import XCTest

@testable import Storage

/// A journal with holes opens where that is asked for: what is whole is kept, what is lost is
/// named, nothing is silently cut off (D8, D9, D10, D12, D17; FAST'18).
final class SalvageTests: XCTestCase {
  private let isExhaustive =
    ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] != nil

  /// 64 KiB segments, two full ones and a part of a third; every record synced by itself.
  private static let options = JournalOptions(segmentSizeBytes: 64 << 10)
  private static let count = 90

  private static func record(_ number: Int) -> JournalRecord {
    number % 23 == 5
      ? .fixture(number, size: 24, isVital: true) : .fixture(number, size: 40 + number * 53 % 3000)
  }

  private static let expected = (1...count).map(record)

  private func makeJournal() throws -> CrashDisk {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    for record in Self.expected {
      try journal.keep([record])
      try journal.prepareAllSpares()
    }
    return disk
  }

  // MARK: Every block

  func test_D9_salvage_whenAnyBlockIsFlipped_keepsOrRepairsOrNamesEveryRecord() throws {
    try sweep("flipped") { disk, name, block in
      for byte in stride(from: block * 512, to: (block + 1) * 512, by: 37) {
        disk[name][byte] ^= 0x21
      }
    }
  }

  func test_D9_salvage_whenAnyBlockIsZeroed_keepsOrRepairsOrNamesEveryRecord() throws {
    try sweep("zeroed") { disk, name, block in
      disk[name].replaceSubrange(
        block * 512..<(block + 1) * 512,
        with: [UInt8](repeating: 0, count: 512)
      )
    }
  }

  func test_D8_salvage_whenAnyBlockIsUnreadable_keepsOrRepairsOrNamesEveryRecord() throws {
    try sweep("unreadable", isTellable: true) { disk, name, block in
      disk.unreadable = (name, [block])
    }
  }

  /// Damages each block of each segment by itself, and judges what is opened.
  private func sweep(
    _ what: String,
    isTellable: Bool = false,
    _ damage: (CrashDisk, String, Int) -> Void
  ) throws {
    let whole = try makeJournal()
    let names = whole.contents.keys.filter { SegmentHeader.number(of: $0) != nil }.sorted()
    var outcomes: [String: Int] = [:]
    XCTAssertEqual(names.count, 3)

    for name in names {
      for block in 0..<128 where isExhaustive || block < 16 || block % 5 == 0 || block > 120 {
        let disk = whole.copy()
        damage(disk, name, block)
        let place = "block \(block) of \(name) \(what)"
        let newest = isTellable ? [] : try newestRecords(in: block, of: name, whole)
        let outcome = try judge(disk, place, mayLose: newest)
        outcomes[outcome, default: 0] += 1
      }
    }
    XCTAssertGreaterThan(outcomes["holes"] ?? 0, 0, what)
    XCTAssertGreaterThan(outcomes["untouched"] ?? 0, 0, what)
    // A sector that cannot be read is left alone: it may be readable again.
    XCTAssertEqual(outcomes["repaired", default: 0] > 0, !isTellable, what)
    print("blocks \(what): \(outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
  }

  /// Opens it, appends, cuts the power, opens it again: twice the same story, and a true one.
  private func judge(
    _ disk: CrashDisk,
    _ what: String,
    mayLose newest: Set<UInt64> = []
  ) throws -> String {
    let found = try open(disk)
    try check(found, what, mayLose: newest)
    var journal = found.journal
    XCTAssertGreaterThan(journal.nextPosition, found.damage.last?.last ?? 0, what)
    XCTAssertGreaterThan(Int(journal.nextPosition), Self.count - newest.count, what)
    let more: [JournalRecord] = [.fixture(1000, size: 24, isVital: true), .fixture(1001)]
    try journal.append(more)
    try journal.sync()

    let unreadable = disk.unreadable
    let after = disk.afterPowerCut { _ in false }
    after.unreadable = unreadable
    let again = try open(after)
    XCTAssertEqual(
      again.records.map(\.payload),
      found.records.map(\.payload) + more.map(\.payload),
      what
    )
    XCTAssertEqual(again.damage.map(\.first), found.damage.map(\.first), what)
    XCTAssertEqual(again.damage.map(\.last), found.damage.map(\.last), what)
    XCTAssertEqual(again.vital?.payload, more[0].payload, what)
    XCTAssertTrue(again.isVitalCertain, what)
    if !found.damage.isEmpty { return "holes" }
    if !found.report.repairs.isEmpty { return "repaired" }
    return found.records.count == Self.count ? "untouched" : "unsynced tail"
  }

  /// The records that end the journal, if all of them lie in this block at least in part: with the
  /// newest one the proof is gone that they had been synced (docs/formats/journal.md, the limit).
  private func newestRecords(
    in block: Int,
    of name: String,
    _ whole: CrashDisk
  ) throws -> Set<UInt64> {
    guard name == SegmentHeader.fileName(3) else { return [] }
    let survey = try DirectorySurvey(of: whole).segment(3)
    let ends = survey.records.dropFirst().map(\.offset) + [survey.end]
    let positions = zip(survey.records, ends)
      .filter { $0.0.offset < (block + 1) * 512 && $0.1 > block * 512 }
      .map(\.0.position)
    return positions.last == UInt64(Self.count) ? Set(positions) : []
  }

  /// Every position is a right record, lies in a hole, or was among the newest of all.
  private func check(
    _ found: RecoveredJournal,
    _ what: String,
    mayLose newest: Set<UInt64>
  ) throws {
    var lost = Set(1...UInt64(Self.count))
    for record in found.records {
      let expected = Self.expected[Int(record.position) - 1]
      XCTAssertEqual(record.payload, expected.payload, what)
      XCTAssertEqual(record.isVital, expected.isVital, what)
      XCTAssertNotNil(lost.remove(record.position), what)
    }
    for stretch in found.damage {
      XCTAssertFalse(stretch.proof.isEmpty, what)
      for position in stretch.first...stretch.last {
        XCTAssertTrue(lost.remove(position) != nil || position > UInt64(Self.count), what)
      }
    }
    XCTAssertTrue(lost.isEmpty || lost == newest, "\(what): \(lost)")
    let vital = Self.expected.lastIndex(where: \.isVital).map { UInt64($0 + 1) }
    if found.vital?.position != vital {
      XCTAssertFalse(found.isVitalCertain, what)
    }
  }

  // MARK: Files (D17)

  func test_D17_salvage_whenFilesAreMissingSwappedOrGarbled_namesTheHole() throws {
    let whole = try makeJournal()
    let names = (1...4).map { SegmentHeader.fileName(UInt64($0)) }
    let table: [(String, (CrashDisk) -> Void)] = [
      ("first missing", { $0.lose(names[0]) }),
      ("middle missing", { $0.lose(names[1]) }),
      ("last missing", { $0.lose(names[2]) }),
      ("empty", { $0[names[1]] = [] }),
      ("last empty", { $0[names[2]] = [] }),
      ("cut off", { $0[names[1]].removeLast(40_000) }),
      ("last cut off", { $0[names[2]].removeLast(60_000) }),
      ("longer", { $0[names[1]] += [1, 2, 3] }),
      ("last longer", { $0[names[2]] += [1, 2, 3] }),
      ("exchanged", { ($0[names[0]], $0[names[1]]) = ($0[names[1]], $0[names[0]]) }),
      ("copied over", { $0[names[1]] = $0[names[0]] }),
      ("extra", { $0[names[3]] = $0[names[0]] }),
      ("garbled", { $0[names[1]] = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7) } }),
    ]

    for (name, damage) in table {
      let disk = whole.copy()
      damage(disk)

      let outcome = try judge(disk, name)

      XCTAssertEqual(outcome, name.hasSuffix("longer") ? "untouched" : "holes", name)
    }
  }

  func test_D10_salvage_whenTheOnlyCopyOfAForgottenVoteWasInTheHeader_saysSo() throws {
    let disk = try makeJournal()
    disk.lose(SegmentHeader.fileName(1))
    disk.lose(SegmentHeader.fileName(2))
    var found = try open(disk, neededFrom: .max)
    XCTAssertTrue(found.isVitalCertain)
    let only = disk.copy()
    for record in try DirectorySurvey.records(of: 3, only) where record.isVital {
      return XCTFail("record \(record.position) is a vote")
    }
    only[SegmentHeader.fileName(3)][100] ^= 1

    found = try open(only, neededFrom: .max)

    XCTAssertFalse(found.isVitalCertain)
    XCTAssertNil(found.vital)
    XCTAssertFalse(try open(only, neededFrom: .max).isVitalCertain)
  }

  func test_D17_salvage_whenEverySegmentIsAnotherNodes_refuses() throws {
    let disk = try makeJournal()

    let error = storageError {
      try JournalRecovery.open(
        on: disk,
        identity: [UInt8](repeating: 1, count: 32),
        options: Self.options,
        toleratingDamage: true
      )
    }

    XCTAssertEqual(error?.code, "directory_foreign")
  }

  // MARK: Votes (D10)

  func test_D10_salvage_whenTheNewestVoteIsLost_saysSoUntilAnotherIsWritten() throws {
    let disk = CrashDisk()
    var journal = try Journal.create(on: disk, identity: tag, options: Self.options)
    try journal.keep([.fixture(1, size: 24, isVital: true), .fixture(2)])
    let start = journal.offset
    try journal.keep([.fixture(3, size: 24, isVital: true)])
    try journal.keep([.fixture(4)])
    let name = SegmentHeader.fileName(1)
    disk[name][start + 45] ^= 1
    disk[name][start + 64 + 4096 + 45] ^= 1

    var found = try open(disk)
    XCTAssertEqual(found.damage.map(\.first), [3])
    XCTAssertFalse(found.isVitalCertain)
    XCTAssertEqual(found.vital?.position, 1)
    // Over segments, whose headers must not make the outdated vote the newest.
    for number in 5...90 { try found.journal.keep([.fixture(number, size: 3000)]) }
    var again = try open(disk)
    XCTAssertFalse(again.isVitalCertain)
    try again.journal.keep([.fixture(91, size: 24, isVital: true)])

    XCTAssertTrue(try open(disk).isVitalCertain)
    XCTAssertGreaterThan(again.journal.segments.count, 4)
  }

  func test_D10_salvage_whenALostVoteStandsInALaterHeader_takesItFromThere() throws {
    let disk = try makeJournal()
    let vote = try XCTUnwrap(try DirectorySurvey.records(of: 1, disk).last { $0.isVital })
    let name = SegmentHeader.fileName(1)
    for place in [vote.offset + 45, vote.offset + 64 + 4096 + 45] { disk[name][place] ^= 1 }
    for number in [2, 3] as [UInt64] {
      for vote in try DirectorySurvey.records(of: number, disk) where vote.isVital {
        for place in [vote.offset + 45, vote.offset + 64 + 4096 + 45] {
          disk[SegmentHeader.fileName(number)][place] ^= 1
        }
      }
    }

    let found = try open(disk)

    // Segment 3's header names the newest vote before it; none of the holes there counts.
    XCTAssertEqual(found.vital?.position, 74)
    XCTAssertGreaterThan(found.vital?.position ?? 0, vote.position)
  }

  // MARK: Power cuts

  func test_P1_salvage_whenPowerIsCutAfterAnyOfItsCalls_findsTheSameHoles() throws {
    let whole = try makeJournal()
    let middle = try DirectorySurvey.records(of: 2, whole)[5].offset
    let last = try DirectorySurvey.records(of: 3, whole)[2].offset
    let missing = whole.copy()
    missing.lose(SegmentHeader.fileName(3))
    for (disk, place) in [(whole, (2, middle)), (whole, (3, last)), (missing, (1, 4200))] {
      let damaged = disk.copy()
      damaged[SegmentHeader.fileName(UInt64(place.0))][place.1 + 44] ^= 1
      let expected = try open(damaged.copy())
      XCTAssertFalse(expected.damage.isEmpty)

      for cut in 0..<12 {
        for survives in [{ _ in false }, { _ in true }, { $0 % 2 == 0 }, { $0 % 2 == 1 }] {
          let crashed = damaged.copy()
          crashed.cutAfter = cut
          _ = storageError { try open(crashed) }
          let found = try open(crashed.afterPowerCut(survives))

          XCTAssertEqual(found.records, expected.records, "cut \(cut)")
          XCTAssertEqual(found.damage.map(\.first), expected.damage.map(\.first), "cut \(cut)")
          XCTAssertEqual(found.damage.map(\.last), expected.damage.map(\.last), "cut \(cut)")
        }
      }
    }
  }

  func test_salvage_whenTheJournalIsWholeOrEndsInAnUnsyncedBatch_isTheSameAsWithoutIt() throws {
    let disk = try makeJournal()
    let strict = try JournalRecovery.open(on: disk.copy(), identity: tag, options: Self.options)

    let tolerant = try open(disk)

    XCTAssertEqual(tolerant.records, strict.records)
    XCTAssertEqual(tolerant.damage, [])
  }

  func test_salvage_whenNobodyAsksForIt_isRefusedAsBefore() throws {
    let disk = try makeJournal()
    disk[SegmentHeader.fileName(2)][9000] ^= 1
    let before = disk.contents

    let error = storageError {
      try JournalRecovery.open(on: disk, identity: tag, options: Self.options)
    }

    XCTAssertEqual(error?.code, "journal_corrupt")
    XCTAssertEqual(disk.contents, before)
  }

  private func open(_ disk: CrashDisk, neededFrom: UInt64 = 1) throws -> RecoveredJournal {
    try JournalRecovery.open(
      on: disk,
      identity: tag,
      options: Self.options,
      neededFrom: neededFrom,
      toleratingDamage: true
    )
  }
}

extension DirectorySurvey {
  /// The records of one segment of the fixtures' journal.
  static func records(
    of number: UInt64,
    _ disk: CrashDisk
  ) throws -> [SurveyedRecord] {
    try DirectorySurvey(of: disk).segment(number).records
  }
}
