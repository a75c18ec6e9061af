import Foundation
import Storage
import XCTest

/// A data directory of format version 1, recorded once: every later version must read it.
///
/// `LOCKSTEP_RECORD_GOLDEN=1` records it anew; do that only before a format is released.
final class GoldenJournalTests: XCTestCase {
  private let identity = DirectoryIdentity(
    tag: Array(1...32),
    payload: Array("cluster 1, node 1".utf8)
  )

  /// Four segments: every size around a multiple of 8, votes in each, one in a header only.
  private let records: [JournalRecord] =
    (0...17).map { .fixture($0, size: $0) }
    + [.fixture(18, size: 24, isVital: true), .fixture(19, size: 5000)]
    + [.fixture(20, size: 6000), .fixture(21, size: 1024, isVital: true)]
    + [.fixture(22, size: 9000), .fixture(23, size: 1)]

  func test_version1_whenRead_givesBackItsRecords() throws {
    try recordIfAsked()

    let disk = try goldenDisk()
    let directory = try DataDirectory.open(on: disk, expecting: identity.tag)
    let found = try directory.openJournal(options: .small)

    XCTAssertEqual(directory.identity, identity)
    XCTAssertEqual(directory.bootNumber, 2)
    XCTAssertEqual(found.records.map(\.payload), records.map(\.payload))
    XCTAssertEqual(found.records.map(\.isVital), records.map(\.isVital))
    XCTAssertEqual(found.vital?.position, 22)
    XCTAssertEqual(found.report.segments, 4)
    XCTAssertEqual(found.report.repairs, [])
  }

  func test_version1_whenWritten_hasTheSameBytes() throws {
    try recordIfAsked()

    let golden = try goldenDisk()
    let written = try live()

    XCTAssertEqual(written.keys.sorted(), golden.contents.keys.sorted())
    for (name, bytes) in written { XCTAssertEqual(bytes, golden[name], name) }
  }

  /// What the recorded life leaves on the disk; spares hold nothing worth keeping.
  private func live() throws -> [String: [UInt8]] {
    let disk = CrashDisk()
    try DataDirectory.create(
      on: disk,
      identity: identity,
      records: Array(records[..<3]),
      options: .small
    )
    var journal = try DataDirectory.open(on: disk).openJournal(options: .small).journal
    for start in stride(from: 3, to: records.count, by: 3) {
      try journal.keep(Array(records[start..<min(start + 3, records.count)]))
    }
    return disk.contents.filter { !$0.key.contains("spare") }
  }

  private func goldenDisk() throws -> CrashDisk {
    let disk = CrashDisk()
    let folder = Bundle.module.bundleURL.appendingPathComponent("Golden/version1")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      disk[name] = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }
    return disk
  }

  private func recordIfAsked() throws {
    guard ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_GOLDEN"] != nil else { return }
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    for folder in [sources, Bundle.module.bundleURL] {
      let golden = folder.appendingPathComponent("Golden/version1")
      try FileManager.default.createDirectory(at: golden, withIntermediateDirectories: true)
      for (name, bytes) in try live() {
        try Data(bytes).write(to: golden.appendingPathComponent(name))
      }
    }
  }
}
