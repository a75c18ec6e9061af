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
    var findings = try scrubber.step(at: 1, durableThrough: .max, &keeper)
    disk.begin(.refusesToOpen("journal-0000000000000002.seg"))

    for _ in 0..<20 { findings += try scrubber.step(at: 1, durableThrough: .max, &keeper) }

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

    let findings = try scrubber.step(at: 1, durableThrough: .max, &keeper)

    XCTAssertFalse(findings.contains(where: \.isSegment), "\(findings)")
  }

  func test_scrubber_whenASegmentIsGone_saysSo() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    try disk.remove("journal-0000000000000002.seg")

    let findings = try scrubber.step(at: 1, durableThrough: .max, &keeper)

    XCTAssertTrue(findings.contains(where: \.isSegment), "\(findings)")
  }

  func test_D4_scrubber_whenAFileCannotBeWrittenAgain_throwsForTheNodeToStop() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    try rotIdentity()
    disk.begin(.failsToSync)

    XCTAssertThrowsError(try round(&scrubber, &keeper)) { error in
      XCTAssertEqual((error as? StorageError)?.code, "disk_failed")
    }
  }

  func test_D7_scrubber_whenThereIsNoRoomToWriteAFileAgain_readsTheRestAllTheSame() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    var (scrubber, keeper) = try make(on: disk)
    try rotIdentity()
    try rot("journal-0000000000000002.seg", at: 9_000)
    disk.begin(.isFull)

    let findings = try round(&scrubber, &keeper)
    disk.begin(nil)
    let later = try round(&scrubber, &keeper)

    XCTAssertTrue(findings.contains { if case .failed(.diskFull) = $0 { true } else { false } })
    XCTAssertTrue(findings.contains(where: \.isSegment), "\(findings)")
    XCTAssertTrue(later.contains { if case .mended("identity") = $0 { true } else { false } })
  }

  func test_D7_scrubber_whenTheSnapshotItReadsIsRemoved_closesIt() throws {
    let disk = TroubledDisk(disk: try PosixDisk(path: root))
    let (begun, empty) = try make(on: disk)
    var (scrubber, keeper) = (begun, empty)
    try writeSnapshot(&keeper)
    for _ in 0..<100 where try openSnapshots().isEmpty {
      _ = try scrubber.step(at: 1, durableThrough: .max, &keeper)
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

  /// All steps of the round that begins now.
  private func round(
    _ scrubber: inout Scrubber,
    _ keeper: inout SnapshotKeeper<DocumentStore>
  ) throws -> [Scrubber.Finding] {
    var findings: [Scrubber.Finding] = []
    for _ in 0..<1_000 {
      findings += try scrubber.step(at: 1, durableThrough: .max, &keeper)
      if case .round? = findings.last { return findings }
    }
    XCTFail("the round has no end: \(findings)")
    return findings
  }

  private func rotIdentity() throws {
    for offset in [60, 4_156] { try rot("identity", at: offset) }
  }

  private func rot(_ file: String, at offset: Int) throws {
    let path = URL(fileURLWithPath: root + "/" + file)
    var bytes = try Data(contentsOf: path)
    bytes[offset] ^= 1
    try bytes.write(to: path)
  }

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

/// A disk whose files cannot be opened, written or synced, or are forgotten meanwhile.
private final class TroubledDisk: ForwardingDisk {
  enum Trouble: Sendable {
    case refusesToOpen(String)
    case forgets([String], whenOpened: String)
    case failsToSync
    case isFull
  }

  let disk: any Disk
  private let trouble = Mutex<Trouble?>(nil)

  init(disk: any Disk) { self.disk = disk }

  func begin(_ trouble: Trouble?) { self.trouble.withLock { $0 = trouble } }

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
    if case .isFull = trouble.withLock({ $0 }) { throw .noSpace(file: file.name) }
    try disk.write(bytes, to: file, at: offset)
  }

  func sync(_ file: OpenFile) throws(DiskError) {
    if case .failsToSync = trouble.withLock({ $0 }) {
      throw .io(call: "fdatasync", file: file.name, errno: EIO)
    }
    try disk.sync(file)
  }
}
