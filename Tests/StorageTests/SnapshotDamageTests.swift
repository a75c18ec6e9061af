import Foundation
import XCTest

@testable import Storage

/// Damage to a finished snapshot: every byte counts, at rest and on the way out (D9, D11, W3).
final class SnapshotDamageTests: XCTestCase {
  private let fixture = SnapshotFixture(index: 10, pieceSizes: [200, 0, 61])
  private let fileName = "snapshot-0000000000000010.snap"

  func test_D9_D11_snapshot_whenAnyByteIsWrong_isRefusedAndSaysWhere() throws {
    let disk = try snapshotDisk()
    let whole = disk[fileName]

    for place in whole.indices {
      for change in [1, 0x80] as [UInt8] {
        disk[fileName][place] = whole[place] ^ change
        check(disk, "byte \(place)", near: place)
      }
      disk[fileName][place] = whole[place]
    }
  }

  func test_D9_snapshot_whenAnySectorIsZeroed_isRefused() throws {
    let disk = try snapshotDisk()
    let whole = disk[fileName]

    for start in stride(from: 0, to: whole.count, by: 512) {
      let end = min(start + 512, whole.count)
      let zeroed = whole[..<start] + [UInt8](repeating: 0, count: end - start) + whole[end...]
      // The header is mostly zeros.
      guard Array(zeroed) != whole else { continue }
      disk[fileName] = Array(zeroed)
      check(disk, "sector at \(start)", near: end)
    }
  }

  func test_D17_snapshot_whenCutAtAnyLengthOrLonger_isRefused() throws {
    let disk = try snapshotDisk()
    let whole = disk[fileName]

    for length in 0..<whole.count {
      disk[fileName] = Array(whole[..<length])
      check(disk, "cut at \(length)", near: length)
    }
    for extra in [1, 8, 24, 4096] {
      disk[fileName] = whole + [UInt8](repeating: 0, count: extra)
      check(disk, "\(extra) bytes longer", near: disk[fileName].count)
    }
  }

  func test_D12_snapshot_whenChunksAreSwappedOrRepeated_isRefused() throws {
    let fixture = SnapshotFixture(index: 10, pieceSizes: [64, 64, 64])
    let disk = CrashDisk()
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    try fixture.write(to: &store)
    let parts = try store.reader(of: 10).allParts().map(\.bytes)

    for order in [[0, 2, 1, 3, 4], [0, 1, 1, 3, 4], [0, 1, 2, 4], [1, 0, 2, 3, 4], [0, 4]] {
      disk[fileName] = order.flatMap { parts[$0] }
      check(disk, "\(order)", near: disk[fileName].count)
    }
  }

  func test_D11_snapshot_whenAChunkOfAnotherSnapshotStandsInIt_isRefused() throws {
    let disk = try snapshotDisk()
    let other = try SnapshotFixture(index: 20, pieceSizes: [200, 0, 61]).parts()
    var whole = disk[fileName]
    whole.replaceSubrange(other[1].offset..<other[2].offset, with: other[1].bytes)
    disk[fileName] = whole

    check(disk, "a chunk of snapshot 20", near: 4096)
  }

  func test_W3_reader_whenAPartRots_neverGivesItToAPeer() throws {
    let disk = try snapshotDisk()
    let reader = try SnapshotStore.open(on: disk, cluster: clusterTag).reader(of: 10)
    let parts = try reader.allParts()

    for part in parts {
      for place in part.offset..<part.offset + part.bytes.count {
        disk.flip(fileName, at: place)
        XCTAssertEqual(
          storageError { try reader.part(at: part.offset) }?.code,
          "snapshot_damaged",
          "byte \(place)"
        )
        disk.flip(fileName, at: place)
      }
    }
    XCTAssertEqual(try reader.allParts(), parts)
  }

  func test_open_whenTheNewestHasNoHeader_reportsItAndUsesTheOlder() throws {
    let disk = try snapshotDisk()
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    try SnapshotFixture(index: 20).write(to: &store)
    disk.flip("snapshot-0000000000000020.snap", at: 50)

    let again = try SnapshotStore.open(on: disk, cluster: clusterTag)

    XCTAssertEqual(again.newest?.index, 10)
    XCTAssertEqual(again.damaged.map(\.index), [20])
    XCTAssertEqual(disk.contents.count, 2)
  }

  func test_snapshot_whenOfALaterVersion_isRefusedByName() throws {
    let disk = try snapshotDisk()
    var header = Array(disk[fileName][..<4092])
    header[8] = 2
    disk[fileName].replaceSubrange(0..<4096, with: CheckedBlock.seal(header, size: 4096))

    let error = storageError { try SnapshotStore.open(on: disk, cluster: clusterTag) }

    XCTAssertEqual(error, .unsupported(file: fileName, version: 2))
  }

  // MARK: Helpers

  private func snapshotDisk() throws -> CrashDisk {
    let disk = CrashDisk()
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    try fixture.write(to: &store)
    return disk
  }

  /// Reading must refuse, name the file, and an offset not behind the damage.
  private func check(_ disk: CrashDisk, _ what: String, near place: Int) {
    let error = storageError {
      let store = try SnapshotStore.open(on: disk, cluster: clusterTag)
      if let damaged = store.damaged.first { throw damaged.error }
      var reader = try store.reader(of: 10)
      _ = try reader.allPieces()
    }
    guard case .snapshotDamaged(let file, let offset, let reason) = error else {
      return XCTFail("\(what): \(error as Any)")
    }
    XCTAssertEqual(file, fileName, what)
    XCTAssertLessThanOrEqual(offset, max(place, 12), what)
    XCTAssertFalse(reason.isEmpty, what)
  }
}
