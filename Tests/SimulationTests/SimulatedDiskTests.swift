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
}
