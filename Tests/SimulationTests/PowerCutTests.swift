import Storage
import XCTest

@testable import Simulation

/// What exactly a simulated disk loses where it is told so.
final class PowerCutTests: XCTestCase {
  /// A disk with three pending changes, the last one a write, whose fuse blows there.
  private func disk(_ cut: PowerCut) throws -> SimulatedDisk {
    let disk = SimulatedDisk(random: .init(seed: 1))
    let file = try disk.create("a")
    try disk.write([1, 1], to: file, at: 0)
    try disk.sync(file)
    try disk.syncFolder()
    try disk.rename("a", to: "b")
    try disk.write([2], to: file, at: 0)
    disk.fuse = { $0.written == 1..<9 ? cut : nil }
    XCTAssertThrowsError(try disk.write(Array(repeating: 3, count: 8), to: file, at: 1))
    XCTAssertThrowsError(try disk.list(), "nothing works without power")
    _ = disk.loseUnsynced()
    disk.fuse = nil
    return disk
  }

  private func content(_ disk: SimulatedDisk, _ name: String) throws -> [UInt8] {
    try disk.read(disk.open(name), at: 0, count: 99)
  }

  func test_disk_whenTheFuseSaysWhatIsLeft_keepsThatAndNothingElse() throws {
    let three = Array(repeating: 3 as UInt8, count: 8)
    // The writes of files count before the names.
    let table: [([Bool], String, [UInt8])] = [
      ([false, false, false], "a", [1, 1]),
      ([true, false, false], "a", [2, 1]),
      ([false, true, false], "a", [1] + three),
      ([false, false, true], "b", [1, 1]),
      ([true, true, true], "b", [2] + three),
    ]
    for (kept, name, bytes) in table {
      let disk = try disk(.kept(kept))

      XCTAssertEqual(try disk.list(), [name], "\(kept)")
      XCTAssertEqual(try content(disk, name), bytes, "\(kept)")
    }
  }

  func test_disk_whenAWriteIsTorn_hasItsFirstBytes() throws {
    XCTAssertEqual(try content(disk(.torn(bytes: 3)), "b"), [2, 3, 3, 3])
  }

  func test_disk_whenOnlyTheProcessEnds_keepsItsCache() throws {
    let disk = try disk(.kill)
    XCTAssertEqual(try content(disk, "b").count, 9)

    disk.fuse = { _ in .kept([false, false, false]) }
    XCTAssertThrowsError(try disk.syncFolder())
    _ = disk.loseUnsynced()
    disk.fuse = nil

    XCTAssertEqual(try content(disk, "a"), [1, 1])
  }

  func test_cuts_whenFewChangesArePending_areEverySubset() {
    let step = DiskStep(call: "write", file: "a", pendingCount: 3, written: 100..<1_200)

    let cuts = PowerCut.all(at: step, seed: 1)

    let kept = cuts.compactMap { cut -> [Bool]? in
      if case .kept(let kept) = cut { kept } else { nil }
    }
    XCTAssertEqual(Set(kept).count, 8)
    XCTAssertTrue(cuts.contains(.kill))
    XCTAssertTrue(cuts.contains(.torn(bytes: 412)) && cuts.contains(.torn(bytes: 924)))
    XCTAssertTrue(cuts.contains(.torn(bytes: 1)) && cuts.contains(.torn(bytes: 1_099)))
  }

  func test_cuts_whenManyChangesArePending_areSomeHundreds() {
    let step = DiskStep(call: "sync", file: "a", pendingCount: 30, written: nil)

    let kinds = PowerCut.all(at: step, seed: 1).map(\.kind)

    XCTAssertEqual(Set(kinds), ["kill", "lose_all", "lose_none", "subset", "sectors"])
    XCTAssertLessThan(kinds.count, 200)
  }
}
