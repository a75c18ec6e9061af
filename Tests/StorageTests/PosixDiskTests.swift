import Foundation
import Storage
import XCTest

final class PosixDiskTests: XCTestCase {
  private var folder = ""

  override func setUp() {
    folder = NSTemporaryDirectory() + "lockstep-storage-\(UUID().uuidString)"
  }

  override func tearDown() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  func test_disk_whenCreating_makesTheFolderAndItsParents() throws {
    let disk = try PosixDisk(path: folder + "/a/b", creating: true)

    XCTAssertEqual(try disk.list(), [])
    XCTAssertEqual(try PosixDisk(path: folder + "/a/b", creating: true).list(), [])
  }

  func test_disk_whenTheFolderIsMissing_saysSo() {
    XCTAssertThrowsError(try PosixDisk(path: folder)) {
      XCTAssertEqual($0 as? DiskError, .missing(file: folder))
    }
  }

  func test_file_whenWritten_isReadBack() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    let file = try disk.create("one")

    try disk.write(Array(0..<200), to: file, at: 1000)
    try disk.sync(file)
    try disk.rename("one", to: "two")
    try disk.syncFolder()

    let again = try disk.open("two")
    XCTAssertEqual(try disk.size(of: again), 1200)
    XCTAssertEqual(try disk.read(again, at: 1190, count: 100), Array(190..<200))
    XCTAssertEqual(try disk.read(again, at: 998, count: 4), [0, 0, 0, 1])
    XCTAssertEqual(try disk.read(again, at: 5000, count: 4), [])
    XCTAssertEqual(try disk.list(), ["two"])
    try disk.remove("two")
    XCTAssertEqual(try disk.list(), [])
  }

  /// A read that brings megabytes has the journal's syncs wait for all of them.
  func test_file_whoseCacheIsForgotten_isReadFromTheDiskAndNotAhead() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    let file = try disk.create("one")
    try disk.write([UInt8](repeating: 1, count: 4 << 20), to: file, at: 0)
    try disk.sync(file)

    disk.forgetCached(file)
    let before = try pagesCached(of: "one")
    _ = try disk.read(file, at: 0, count: 64 << 10)
    _ = try disk.read(file, at: 64 << 10, count: 64 << 10)

    try XCTSkipIf(before > 0, "this file system has no other place than the cache")
    XCTAssertEqual(try pagesCached(of: "one"), (128 << 10) / Int(getpagesize()))
  }

  /// How many pages of a file the kernel keeps in memory.
  private func pagesCached(of name: String) throws -> Int {
    let number = open(folder + "/" + name, O_RDONLY)
    defer { close(number) }
    let size = Int(lseek(number, 0, SEEK_END))
    let pages = try XCTUnwrap(mmap(nil, size, PROT_READ, MAP_SHARED, number, 0))
    defer { munmap(pages, size) }
    var states = [UInt8](repeating: 0, count: size / Int(getpagesize()))
    XCTAssertEqual(mincore(pages, size, &states), 0)
    return states.count { $0 & 1 == 1 }
  }

  func test_disk_whenACallFails_namesCallAndFile() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    _ = try disk.create("one")
    let table: [(String, DiskError, () throws -> Void)] = [
      ("open", .missing(file: "x"), { _ = try disk.open("x") }),
      ("create", .exists(file: "one"), { _ = try disk.create("one") }),
      ("rename", .missing(file: "x"), { try disk.rename("x", to: "y") }),
      ("remove", .missing(file: "x"), { try disk.remove("x") }),
    ]
    for (name, expected, call) in table {
      XCTAssertThrowsError(try call(), name) { XCTAssertEqual($0 as? DiskError, expected, name) }
    }
  }

  func test_disk_whenAFolderIsOpenedAsAFile_refusesIt() throws {
    let folderBeside = try PosixDisk(path: folder + "/inner", creating: true)
    XCTAssertEqual(try folderBeside.list(), [])

    for isReadOnly in [false, true] {
      let disk = try PosixDisk(path: folder, readOnly: isReadOnly)

      XCTAssertThrowsError(try disk.open("inner")) {
        XCTAssertEqual(
          $0 as? DiskError,
          .io(call: "open", file: "inner", errno: EISDIR)
        )
      }
    }
  }

  func test_D7_write_whenTheDeviceIsFull_saysNoSpace() throws {
    let disk = try PosixDisk(path: "/dev")
    let full = try disk.open("full")

    XCTAssertThrowsError(try disk.write([1, 2, 3], to: full, at: 0)) {
      XCTAssertEqual($0 as? DiskError, .noSpace(file: "full"))
    }
  }

  func test_P9_lock_whenHeld_isRefusedAndNamesTheHolder() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    let other = try PosixDisk(path: folder)
    var held: OpenFile? = try disk.lock("lock")
    XCTAssertNotNil(held)

    XCTAssertThrowsError(try other.lock("lock")) {
      XCTAssertEqual($0 as? DiskError, .locked(file: "lock", holder: "\(getpid())"))
    }
    held = nil
    XCTAssertNoThrow(try other.lock("lock"))
  }

  func test_create_whenTheFolderIsSomebodyElses_leavesEvenAFileNamedLock() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    let theirs = Array("a file of somebody else's, longer than a process id".utf8)
    for name in ["letters.txt", "lock"] {
      try disk.write(theirs, to: try disk.create(name), at: 0)
    }
    let identity = DirectoryIdentity(tag: [UInt8](repeating: 1, count: 32), payload: [])

    XCTAssertThrowsError(try DataDirectory.create(on: disk, identity: identity, records: [])) {
      XCTAssertEqual($0 as? StorageError, .notEmpty(file: "letters.txt"))
    }

    XCTAssertEqual(try disk.read(try disk.open("lock"), at: 0, count: 100), theirs)
  }

  func test_P9_lock_whenAnotherProcessHoldsIt_isRefused() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    _ = try disk.create("lock")
    let holder = Process()
    let (input, output) = (Pipe(), Pipe())
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = [folder + "/lock", "sh", "-c", "echo held; read line"]
    holder.standardInput = input
    holder.standardOutput = output
    try holder.run()
    _ = output.fileHandleForReading.availableData

    XCTAssertThrowsError(try disk.lock("lock")) {
      XCTAssertEqual($0 as? DiskError, .locked(file: "lock", holder: ""))
    }
    try input.fileHandleForWriting.close()
    holder.waitUntilExit()
    XCTAssertNoThrow(try disk.lock("lock"))
  }

  func test_journal_whenOnARealDisk_survivesReopening() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    let identity = DirectoryIdentity(tag: tag, payload: Array("genesis".utf8))
    try DataDirectory.create(on: disk, identity: identity, records: [.fixture(1)], options: .small)

    var directory: DataDirectory? = try DataDirectory.open(on: disk, expecting: tag)
    var journal = try XCTUnwrap(directory).openJournal(options: .small).journal
    try journal.keep((2...60).map { .fixture($0, size: 700, isVital: $0 == 30) })
    directory = nil
    let again = try DataDirectory.open(on: disk)
    let found = try again.openJournal(options: .small)

    XCTAssertEqual(again.identity, identity)
    XCTAssertEqual(again.bootNumber, 2)
    XCTAssertEqual(found.records.count, 60)
    XCTAssertEqual(found.vital?.position, 30)
  }

  func test_snapshot_whenWrittenOnARealDisk_isReadBackAndCanBeInspected() throws {
    let disk = try PosixDisk(path: folder, creating: true)
    var store = try SnapshotStore.open(on: disk, cluster: clusterTag)
    let fixture = SnapshotFixture(index: 3, pieceSizes: [3 << 20, 1, 4096])

    try fixture.write(to: &store)
    let readOnly = try PosixDisk(path: folder, readOnly: true)
    let survey = try DirectorySurvey(of: readOnly).snapshots(cluster: clusterTag)

    XCTAssertNil(try fixture.judge(store))
    XCTAssertEqual(survey.map(\.pieceSizes), [fixture.pieceSizes])
    XCTAssertThrowsError(try readOnly.open("snapshot-0000000000000003.snap").writeByte(readOnly))
  }
}

extension OpenFile {
  fileprivate func writeByte(_ disk: PosixDisk) throws { try disk.write([1], to: self, at: 0) }
}
