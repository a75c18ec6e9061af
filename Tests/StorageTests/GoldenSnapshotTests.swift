import Foundation
import Storage
import XCTest

/// A snapshot of format version 1, recorded once: every later version must read it.
///
/// `LOCKSTEP_RECORD_GOLDEN=1` records it anew; do that only before a format is released.
final class GoldenSnapshotTests: XCTestCase {
  private let fixture = SnapshotFixture(index: 1234, pieceSizes: Array(0...17) + [3000])
  private let fileName = "snapshot-0000000000001234.snap"

  func test_snapshotVersion1_whenRead_givesBackItsPieces() throws {
    let disk = CrashDisk()
    disk[fileName] = try golden()

    let store = try SnapshotStore.open(on: disk, cluster: clusterTag)

    XCTAssertNil(try fixture.judge(store))
    XCTAssertEqual(store.newest?.size, disk[fileName].count)
  }

  func test_snapshotVersion1_whenWritten_hasTheSameBytes() throws {
    let golden = try golden()

    XCTAssertEqual(try fixture.parts().flatMap(\.bytes), golden)
  }

  private func golden() throws -> [UInt8] {
    let path = "Golden/snapshot1/\(fileName)"
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_GOLDEN"] != nil {
      let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      for folder in [sources, Bundle.module.bundleURL] {
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
        try Data(try fixture.parts().flatMap(\.bytes)).write(to: file)
      }
    }
    return Array(try Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent(path)))
  }
}
