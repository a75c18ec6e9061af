import Documents
import Foundation
import Storage
import Synchronization
import XCTest

@testable import Replication
@testable import Server

/// What the scrubber takes for damage (D21), where the disk has other troubles.
final class ScrubberTests: XCTestCase {
  private let root = NSTemporaryDirectory() + "lockstep-scrub-test-\(UUID().uuidString)"

  override func setUpWithError() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  override func tearDownWithError() throws {
    try FileManager.default.removeItem(atPath: root)
  }

  func test_scrubber_whenASegmentCannotBeOpened_triesAgainLater() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    var findings = scrubber.step(at: 1, durableThrough: .max, &keeper)
    disk.begin(.refusesToOpen("journal-0000000000000002.seg"))

    for _ in 0..<20 { findings += scrubber.step(at: 1, durableThrough: .max, &keeper) }

    guard case .failed(.diskFailed("open", _, ENFILE))? = findings.first else {
      return XCTFail("\(findings)")
    }
    XCTAssertFalse(findings.contains(where: \.isSegment), "\(findings)")
  }

  func test_scrubber_whenSegmentsAreForgottenWhileTheyAreListed_missesNone() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    let names = ["journal-0000000000000001.seg", "journal-0000000000000002.seg"]
    disk.begin(.forgets(names, whenOpened: names[1]))

    let findings = scrubber.step(at: 1, durableThrough: .max, &keeper)

    XCTAssertFalse(findings.contains(where: \.isSegment), "\(findings)")
  }

  func test_scrubber_whenASegmentIsGone_saysSo() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    try disk.remove("journal-0000000000000002.seg")

    let findings = scrubber.step(at: 1, durableThrough: .max, &keeper)

    XCTAssertTrue(findings.contains(where: \.isSegment), "\(findings)")
  }

  func test_D7_scrubber_whenTheSnapshotItReadsIsRemoved_closesIt() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    let (begun, empty) = try make(on: disk)
    var (scrubber, keeper) = (begun, empty)
    try writeSnapshot(&keeper)
    for _ in 0..<100 where try openSnapshots().isEmpty {
      _ = scrubber.step(at: 1, durableThrough: .max, &keeper)
    }
    let before = try openSnapshots()

    scrubber.closeIfGone(keeper.store.snapshots)
    let asLongAsItIsThere = try openSnapshots()
    scrubber.closeIfGone([])

    XCTAssertEqual(before.count, 1)
    XCTAssertEqual(asLongAsItIsThere, before)
    XCTAssertEqual(try openSnapshots(), [])
  }

  // MARK: Helpers

  private func writeSnapshot(_ keeper: inout SnapshotKeeper<DocumentStore>) throws {
    var writer = try keeper.store.begin(index: 5, term: 1, head: [1])
    try writer.append([UInt8](repeating: 7, count: 5_000))
    while true {
      guard case .finished(let file) = try writer.finish() else { continue }
      return keeper.add(file)
    }
  }

  /// The snapshots of this test's folder that the process has open.
  private func openSnapshots() throws -> [String] {
    let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let files = numbers.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
    }
    return files.filter { $0.hasPrefix(root) && $0.hasSuffix(".snap") }
  }

  /// A scrubber of a directory with some segments.
  private func make(
    on disk: TroubledDisk
  ) throws -> (Scrubber, SnapshotKeeper<DocumentStore>) {
    let options = JournalOptions(segmentSizeBytes: 16 << 10)
    let identity = DirectoryIdentity(tag: [UInt8](repeating: 3, count: 32), payload: [1])
    try DataDirectory.create(on: disk, identity: identity, records: [], options: options)
    let directory = try DataDirectory.open(on: disk)
    var journal = try directory.openJournal(options: options).journal
    for _ in 1...40 {
      try journal.append([JournalRecord(payload: [UInt8](repeating: 9, count: 2_000))])
      try journal.sync()
      while try journal.prepareSpare(stepBytes: 1 << 20) == .working {}
    }
    let snapshots = try SnapshotStore.open(on: disk, cluster: [UInt8](repeating: 3, count: 16))
    return (Scrubber(of: directory, periodMicroseconds: 0, now: 0), SnapshotKeeper(snapshots))
  }
}

extension Scrubber.Finding {
  fileprivate var isSegment: Bool {
    if case .segment = self { true } else { false }
  }
}

/// A disk whose files cannot be opened, or are forgotten meanwhile.
private final class TroubledDisk: ForwardingDisk {
  enum Trouble: Sendable {
    case refusesToOpen(String)
    case forgets([String], whenOpened: String)
  }

  let disk: any Disk
  private let trouble = Mutex<Trouble?>(nil)

  init(disk: any Disk) { self.disk = disk }

  func begin(_ trouble: Trouble) { self.trouble.withLock { $0 = trouble } }

  func open(_ name: String) throws(DiskError) -> OpenFile {
    switch trouble.withLock({ $0 }) {
    case .refusesToOpen(name): throw .io(call: "open", file: name, errno: ENFILE)
    case .forgets(let names, whenOpened: name):
      trouble.withLock { $0 = nil }
      for name in names { try disk.remove(name) }
    default: break
    }
    return try disk.open(name)
  }

  func write(_ bytes: [UInt8], to file: OpenFile, at offset: Int) throws(DiskError) {
    try disk.write(bytes, to: file, at: offset)
  }

  func sync(_ file: OpenFile) throws(DiskError) { try disk.sync(file) }
}
