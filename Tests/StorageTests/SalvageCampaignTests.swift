import Foundation
import XCTest

@testable import Storage
@testable import Wire

/// Lives cut off by a power cut, then damaged at random: whatever anything whole still proves is
/// kept or named as lost, and nothing wrong is read (W2, W3, W5; D1, D2, D8, D9, D17).
final class SalvageCampaignTests: XCTestCase {
  private let seeds =
    ProcessInfo.processInfo.environment["LOCKSTEP_EXHAUSTIVE"] != nil ? 20_000 : 300

  func test_W5_salvage_whenACutOffLifeIsDamagedAtRandom_losesNothingThatIsProven() throws {
    var opened = 0
    var holes = 0
    let only = ProcessInfo.processInfo.environment["SEED"].flatMap { Int($0) }
    for seed in only.map({ $0...$0 }) ?? 1...seeds {
      var numbers = SeededNumbers(UInt64(seed))
      let (run, disk) = life(&numbers)
      guard run.isMade else { continue }
      let damage = (0...numbers.next(below: 3)).map { _ in harm(disk, &numbers) }
      let what = "seed \(seed): \(damage)"

      guard let found = try open(disk, run, what) else { continue }
      opened += 1
      holes += found.damage.isEmpty ? 0 : 1
      check(found, run, proven: proven(on: disk.image()), what)
      try goOn(found, run, disk, what)
    }
    print("damaged lives opened: \(opened), with holes: \(holes)")
    XCTAssertGreaterThan(holes, seeds / 10)
  }

  // MARK: Helpers

  private func life(_ numbers: inout SeededNumbers) -> (ReferenceRun, CrashDisk) {
    let disk = CrashDisk()
    disk.cutAfter = 30 + numbers.next(below: 220)
    var run = ReferenceRun()
    let kept = numbers.next(below: 2) == 0 ? 14 : nil
    _ = storageError { try run.live(on: disk, batches: 24, keeping: kept) }
    let odds = numbers.next(below: 11)
    let survives = (0..<disk.pendingCount).map { _ in numbers.next(below: 10) < odds }
    return (run, disk.afterPowerCut { survives[$0] })
  }

  /// Damages one thing in the journal; says what.
  private func harm(_ disk: CrashDisk, _ numbers: inout SeededNumbers) -> String {
    let names = disk.contents.keys.filter { SegmentHeader.number(of: $0) != nil }.sorted()
    guard !names.isEmpty else { return "nothing" }
    let name = names[numbers.next(below: names.count)]
    let block = numbers.next(below: max(1, disk[name].count / 512))
    let place = block * 512 + numbers.next(below: 512)
    guard place < disk[name].count else { return "nothing" }
    switch numbers.next(below: 8) {
    case 0...2:
      disk.flip(name, at: place)
      return "byte \(place) of \(name) flipped"
    case 3...4:
      for byte in block * 512..<(block + 1) * 512 { disk[name][byte] = 0 }
      return "block \(block) of \(name) zeroed"
    case 5...6:
      disk.unreadable = (name, [block])
      return "block \(block) of \(name) unreadable"
    default:
      disk.lose(name)
      if disk.unreadable.file == name { disk.unreadable = ("", []) }
      return "\(name) lost"
    }
  }

  /// Opens it; nil if it was refused because nothing whole is left.
  private func open(
    _ disk: CrashDisk,
    _ run: ReferenceRun,
    _ what: String
  ) throws -> RecoveredJournal? {
    do {
      return try JournalRecovery.open(
        on: disk,
        identity: tag,
        options: .small,
        neededFrom: run.neededFrom,
        toleratingDamage: true
      )
    } catch {
      XCTAssertTrue(error.isDamage, "\(what): \(error)")
      let whole = disk.contents.keys.contains {
        SegmentHeader.number(of: $0) != nil && !frames(in: $0, of: disk.image()).isEmpty
      }
      XCTAssertFalse(whole, "\(what): refused with \(error)")
      return nil
    }
  }

  private func check(
    _ found: RecoveredJournal,
    _ run: ReferenceRun,
    proven: UInt64,
    _ what: String
  ) {
    var known: Set<UInt64> = []
    for record in found.records {
      let expected = run.appended[Int(record.position) - 1]
      XCTAssertEqual(record.payload, expected.payload, what)
      XCTAssertEqual(record.isVital, expected.isVital, what)
      known.insert(record.position)
    }
    for stretch in found.damage {
      XCTAssertLessThanOrEqual(stretch.first, stretch.last, what)
      known.formUnion(stretch.first...stretch.last)
    }
    if run.neededFrom <= proven {
      for position in run.neededFrom...proven where !known.contains(position) {
        XCTFail("\(what): \(position) is proven through \(proven), and neither kept nor lost")
      }
    }
    XCTAssertGreaterThan(found.journal.nextPosition, proven, what)
    let vitals = run.appended[..<min(Int(proven), run.appended.count)].lastIndex(where: \.isVital)
    if let newest = vitals.map({ UInt64($0 + 1) }), found.vital?.position ?? 0 < newest {
      XCTAssertFalse(found.isVitalCertain, "\(what): vote \(newest)")
    }
  }

  /// What is written from now on is kept, and a later opening tells the same of what was before.
  private func goOn(
    _ found: RecoveredJournal,
    _ run: ReferenceRun,
    _ disk: CrashDisk,
    _ what: String
  ) throws {
    var journal = found.journal
    let more: [JournalRecord] = [.fixture(7000), .fixture(7001, size: 9000), .fixture(7002)]
    for record in more { try journal.keep([record]) }
    let unreadable = disk.unreadable
    let after = disk.afterPowerCut { _ in false }
    after.unreadable = unreadable

    let again = try XCTUnwrap(try open(after, run, what))

    XCTAssertEqual(
      again.records.map(\.payload),
      found.records.map(\.payload) + more.map(\.payload),
      what
    )
    XCTAssertEqual(again.damage.map(\.first), found.damage.map(\.first), what)
    XCTAssertEqual(again.damage.map(\.last), found.damage.map(\.last), what)
    XCTAssertEqual(again.vital, found.vital, what)
    XCTAssertEqual(again.isVitalCertain, found.isVitalCertain, what)
  }

  /// The highest position that any whole record or header says was synced: looked up by itself.
  private func proven(on disk: CrashDisk) -> UInt64 {
    var highest: UInt64 = 0
    for name in disk.contents.keys where SegmentHeader.number(of: name) != nil {
      for frame in frames(in: name, of: disk) { highest = max(highest, frame.durableThrough) }
      if let header = try? SegmentHeader(decoding: Array(disk[name].prefix(4096)), file: name) {
        highest = max(highest, header.firstPosition - 1)
      }
    }
    return highest
  }

  private func frames(in name: String, of disk: CrashDisk) -> [RecordFrame] {
    guard let number = SegmentHeader.number(of: name) else { return [] }
    let bytes = disk[name]
    let seed = CRC32C.checksum(tag)
    return stride(from: 4096, to: bytes.count, by: 8).compactMap {
      RecordFrame(in: bytes, at: $0, segment: number, seed: seed)
    }
  }
}

extension CrashDisk {
  /// The same files as a reader gets them: sectors that cannot be read are zeros.
  fileprivate func image() -> CrashDisk {
    let image = copy()
    for sector in unreadable.sectors {
      let end = min((sector + 1) * 512, image[unreadable.file].count)
      for byte in sector * 512..<max(end, sector * 512) { image[unreadable.file][byte] = 0 }
    }
    return image
  }
}
