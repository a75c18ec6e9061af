import Consensus
import Storage
import XCTest

@testable import Simulation

final class SimulatedDiskTests: XCTestCase {
  func test_disk_whenThePowerFails_keepsWhatWasSynced() throws {
    for seed in 0..<50 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      let file = try disk.create("a")
      try disk.write(Array(repeating: 1, count: 2_000), to: file, at: 0)
      try disk.sync(file)
      try disk.syncFolder()
      try disk.write(Array(repeating: 2, count: 2_000), to: file, at: 1_000)

      _ = disk.loseUnsynced()

      let bytes = try disk.read(disk.open("a"), at: 0, count: 4_000)
      XCTAssertEqual(Array(bytes.prefix(1_000)), Array(repeating: 1, count: 1_000))
      XCTAssertGreaterThanOrEqual(bytes.count, 2_000)
    }
  }

  func test_disk_whenThePowerFails_losesSectorsInAnyOrder() throws {
    var survivals: Set<[Bool]> = []
    for seed in 0..<400 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      let file = try disk.create("a")
      try disk.write(Array(repeating: 0, count: 1_536), to: file, at: 0)
      try disk.sync(file)
      try disk.syncFolder()
      try disk.write(Array(repeating: 7, count: 1_536), to: file, at: 0)

      _ = disk.loseUnsynced()

      let bytes = try disk.read(disk.open("a"), at: 0, count: 1_536)
      let sectors = (0..<3).map { Array(bytes[$0 * 512..<($0 + 1) * 512]) }
      for sector in sectors { XCTAssertEqual(Set(sector).count, 1, "a sector is whole") }
      survivals.insert(sectors.map { $0[0] == 7 })
    }
    XCTAssertEqual(survivals.count, 8, "every subset of three sectors occurs")
  }

  func test_disk_whenANameWasNotSynced_mayLoseIt() throws {
    var outcomes: Set<[String]> = []
    for seed in 0..<100 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      _ = try disk.create("a")
      try disk.syncFolder()
      try disk.rename("a", to: "b")

      _ = disk.loseUnsynced()

      outcomes.insert(try disk.list())
    }
    XCTAssertEqual(outcomes, [["a"], ["b"]])
  }

  func test_disk_whenASyncOfNamesFails_mayLoseThemOrShowThemOnly() throws {
    var outcomes: Set<[String]> = []
    for seed in 0..<200 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      _ = try disk.create("a")
      try disk.syncFolder()
      _ = try disk.create("b")
      try disk.rename("a", to: "c")

      disk.failNextSync()
      XCTAssertThrowsError(try disk.syncFolder())
      let shown = try disk.list()
      try disk.syncFolder()
      _ = disk.loseUnsynced()

      XCTAssertEqual(try disk.list(), shown, "a later sync keeps what processes see")
      outcomes.insert(shown)
    }
    XCTAssertEqual(outcomes, [["a"], ["a", "b"], ["c"], ["b", "c"]])
  }

  func test_D1_directory_whenOneSyncOfItsBootAfterTheOtherFails_opensAfterAPowerCut() throws {
    for seed in 0..<200 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      try DataDirectory.create(
        on: disk,
        identity: DirectoryIdentity(tag: Array(repeating: 7, count: 32), payload: []),
        records: [],
        options: JournalOptions(segmentSizeBytes: 16 << 10)
      )
      for _ in 1...5 {
        disk.failNextSync()
        _ = try? DataDirectory.open(on: disk)
        disk.processDied()
      }
      _ = disk.loseUnsynced()

      XCTAssertNoThrow(try DataDirectory.open(on: disk), "seed \(seed)")
    }
  }

  func test_disk_whenAProcessIsKilled_keepsWhatItWroteAndFreesTheLock() throws {
    let disk = SimulatedDisk(random: RandomSource(seed: 1))
    let file = try disk.create("a")
    try disk.write([1, 2, 3], to: file, at: 0)
    let lock = try disk.lock("lock")
    XCTAssertThrowsError(try disk.lock("lock"))

    disk.processDied()

    XCTAssertEqual(try disk.read(disk.open("a"), at: 0, count: 9), [1, 2, 3])
    XCTAssertNoThrow(try disk.lock("lock"))
    withExtendedLifetime(lock) {}
  }

  func test_disk_whenTheFuseBlows_failsThatCallAndAllBehindIt() throws {
    let disk = SimulatedDisk(random: RandomSource(seed: 1))
    let file = try disk.create("a")
    disk.cutPower(afterCalls: 2)

    XCTAssertNoThrow(try disk.write([1], to: file, at: 0))
    XCTAssertThrowsError(try disk.sync(file))
    XCTAssertTrue(disk.isCut)
    XCTAssertThrowsError(try disk.list())
    _ = disk.loseUnsynced()
    XCTAssertNoThrow(try disk.list())
  }

  func test_D4_disk_whenASyncFails_forgetsWhatItWasToWriteAndSyncsAgain() throws {
    var survivals: Set<[UInt8]> = []
    for seed in 0..<100 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      let file = try disk.create("a")
      try disk.write([1], to: file, at: 0)
      try disk.sync(file)
      try disk.syncFolder()
      try disk.write([2], to: file, at: 0)
      disk.failNextSync()

      XCTAssertThrowsError(try disk.sync(file))
      XCTAssertNoThrow(try disk.sync(file))
      XCTAssertEqual(disk.takeFailure(), .syncError)
      _ = disk.loseUnsynced()

      survivals.insert(try disk.read(disk.open("a"), at: 0, count: 1))
    }
    XCTAssertEqual(survivals, [[1], [2]], "the second sync wrote nothing")
  }

  func test_D6_disk_whenAWriteFails_hasDoneAPartOfIt() throws {
    let disk = SimulatedDisk(random: RandomSource(seed: 3))
    let file = try disk.create("a")
    disk.failNextWrite()

    XCTAssertThrowsError(try disk.write(Array(repeating: 1, count: 100), to: file, at: 0))

    XCTAssertLessThan(try disk.size(of: file), 100)
    XCTAssertEqual(disk.takeFailure(), .writeError)
    XCTAssertNoThrow(try disk.write([1], to: file, at: 0))
  }

  func test_D7_disk_whenFull_growsNoFurtherAndKeepsWhatIsThere() throws {
    let disk = SimulatedDisk(random: RandomSource(seed: 1))
    let file = try disk.create("a")
    try disk.write(Array(repeating: 1, count: 50), to: file, at: 0)
    disk.setFreeBytes(10)

    XCTAssertThrowsError(try disk.write(Array(repeating: 2, count: 20), to: file, at: 50)) {
      XCTAssertEqual($0 as? DiskError, .noSpace(file: "a"))
    }
    XCTAssertNoThrow(try disk.write(Array(repeating: 3, count: 50), to: file, at: 0))
    XCTAssertTrue(disk.takeSpaceMissed())
    try disk.remove("a")
    let other = try disk.create("b")
    XCTAssertNoThrow(try disk.write(Array(repeating: 4, count: 60), to: other, at: 0))
  }

  func test_D9_disk_whenASectorRots_sparesTheNewestWrites() throws {
    for seed in 0..<50 {
      let disk = SimulatedDisk(random: RandomSource(seed: UInt64(seed)))
      let file = try disk.create("a")
      try disk.write(Array(repeating: 1, count: 8_192), to: file, at: 0)
      for _ in 0..<8 { try disk.write(Array(repeating: 2, count: 512), to: file, at: 512) }
      try disk.sync(file)
      try disk.syncFolder()
      let before = try disk.read(file, at: 0, count: 8_192)
      disk.processDied()

      let undo = disk.damage(seed % 16, of: "a", .garbage, sparingRecent: true)

      let after = try disk.read(disk.open("a"), at: 0, count: 8_192)
      XCTAssertEqual(undo != nil, after != before)
      XCTAssertEqual(after[512..<1_024], before[512..<1_024])
      undo?()
      XCTAssertEqual(try disk.read(disk.open("a"), at: 0, count: 8_192), before)
    }
  }
}
