import XCTest

@testable import Storage

/// What a store promises while nothing is cut off: writing, reading, sending, receiving, pruning.
final class SnapshotStoreTests: XCTestCase {
  private let disk = CrashDisk()

  func test_writer_whenFinished_canBeReadAfterAReopen() throws {
    var store = try open()
    let fixture = SnapshotFixture(index: 7)

    let file = try fixture.write(to: &store)
    let again = try open()

    XCTAssertEqual(again.snapshots, [file])
    XCTAssertEqual(again.newest?.size, disk[file.name].count)
    XCTAssertNil(try fixture.judge(again))
    XCTAssertEqual(disk.contents.keys.sorted(), ["snapshot-0000000000000007.snap"])
  }

  func test_writer_whenPiecesHaveEverySize_givesThemBack() throws {
    var store = try open()
    let tables: [[Int]] = [
      [], [0], [1], Array(1...17), [4096, 8192], [SnapshotFile.pieceSizeMax],
      [1 << 20, 1 << 20, 3],
    ]

    for (number, sizes) in tables.enumerated() {
      let fixture = SnapshotFixture(index: UInt64(number), pieceSizes: sizes)
      try fixture.write(to: &store)

      XCTAssertNil(try fixture.judge(store), "\(sizes)")
    }
  }

  func test_writer_whenTheHeadIsLarge_keepsIt() throws {
    let store = try open()
    for size in [0, 4040, 4041, SnapshotFile.headSizeMax] {
      let head = [UInt8](repeating: 9, count: size)
      var writer = try store.begin(index: UInt64(size), term: 1, head: head)
      while try writer.finish() == .working {}

      XCTAssertEqual(try store.reader(of: UInt64(size)).file.head, head)
      XCTAssertEqual(
        try store.reader(of: UInt64(size)).part(at: 0)?.bytes.count ?? 0,
        writerHeader(size)
      )
    }
  }

  func test_prune_whenThreeStand_removesTheOldest() throws {
    var store = try open()
    for index in [30, 10, 20, 40] as [UInt64] {
      try SnapshotFixture(index: index).write(to: &store)
    }

    let steps = [try store.prune(), try store.prune(), try store.prune()]

    XCTAssertEqual(steps, [true, true, false])
    XCTAssertEqual(store.snapshots.map(\.index), [30, 40])
    XCTAssertEqual(try open().snapshots, store.snapshots)
  }

  func test_prune_whenTheNewestIsDamaged_keepsTheSoundOnes() throws {
    var store = try open()
    for index in [10, 20, 30] as [UInt64] { try SnapshotFixture(index: index).write(to: &store) }
    let error = StorageError.snapshotDamaged(file: "it", offset: 1, what: "rot")

    store.giveUp(30, because: error)
    let steps = [try store.prune(), try store.prune()]

    XCTAssertEqual(store.snapshots.map(\.index), [10, 20])
    XCTAssertEqual(store.newest?.index, 20)
    XCTAssertEqual(steps, [true, false])
    XCTAssertEqual(disk.contents.count, 2)
  }

  func test_prune_whenOnlyADamagedOneStands_leavesIt() throws {
    var store = try open()
    try SnapshotFixture(index: 10).write(to: &store)

    store.giveUp(10, because: .snapshotDamaged(file: "it", offset: 1, what: "rot"))

    XCTAssertFalse(try store.prune())
    XCTAssertEqual(disk.contents.count, 1)
  }

  func test_D17_open_whenAnEarlierRunLeftHalfMadeFiles_removesThem() throws {
    var store = try open()
    try SnapshotFixture(index: 10).write(to: &store)
    disk["snapshot-0000000000000020.tmp"] = [1, 2, 3]
    disk["snapshot-install-0000000000000030.tmp"] = []

    let again = try open()

    XCTAssertEqual(again.removed.count, 2)
    XCTAssertEqual(again.snapshots.map(\.index), [10])
    XCTAssertEqual(disk.contents.count, 1)
  }

  func test_P9_open_whenAnotherClustersSnapshotStandsThere_refusesUnchanged() throws {
    var store = try open()
    try SnapshotFixture(index: 10).write(to: &store)
    let before = disk.contents

    let error = storageError {
      try SnapshotStore.open(on: disk, cluster: [UInt8](repeating: 2, count: 16))
    }

    XCTAssertEqual(error?.code, "directory_foreign")
    XCTAssertTrue("\(error as Any)".contains("snapshot-0000000000000010.snap"))
    XCTAssertEqual(disk.contents, before)
  }

  func test_D17_open_whenSnapshotsAreExchangedOrMissing_usesNoneOfThemAndNamesThem() throws {
    var store = try open()
    for index in [10, 11] as [UInt64] { try SnapshotFixture(index: index).write(to: &store) }
    let names = ["snapshot-0000000000000010.snap", "snapshot-0000000000000011.snap"]
    let table: [(String, [UInt64], String, (CrashDisk) -> Void)] = [
      (
        "exchanged", [], "its content is",
        {
          ($0[names[0]], $0[names[1]]) = ($0[names[1]], $0[names[0]])
        }
      ),
      ("copied over", [10], "its content is", { $0[names[1]] = $0[names[0]] }),
      ("empty", [10], "it is cut off", { $0[names[1]] = [] }),
      (
        "garbled", [10], "no part of that size",
        { $0[names[1]] = [UInt8](repeating: 9, count: 9000) }
      ),
    ]
    for (what, sound, reason, damage) in table {
      let other = disk.copy()
      damage(other)

      var found = try SnapshotStore.open(on: other, cluster: clusterTag)

      XCTAssertEqual(found.snapshots.map(\.index), sound, what)
      XCTAssertEqual(found.damaged.count, 2 - sound.count, what)
      for snapshot in found.damaged {
        XCTAssertTrue("\(snapshot.error)".contains(reason), "\(snapshot.error)")
        XCTAssertTrue("\(snapshot.error)".contains(SnapshotFile.name(snapshot.index)))
      }
      XCTAssertEqual(try found.prune(), !sound.isEmpty, what)
    }
  }

  func test_prune_whenTheFileIsGoneAlready_goesOn() throws {
    var store = try open()
    for index in [10, 11] as [UInt64] { try SnapshotFixture(index: index).write(to: &store) }
    disk.lose("snapshot-0000000000000011.snap")
    store.giveUp(11, because: .missing(file: "snapshot-0000000000000011.snap"))

    XCTAssertTrue(try store.prune())

    XCTAssertEqual(store.snapshots.map(\.index), [10])
    XCTAssertEqual(store.damaged, [])
  }

  func test_D17_open_whenItIsNoSnapshotsName_refusesAndNamesIt() throws {
    var store = try open()
    try SnapshotFixture(index: 10).write(to: &store)
    let table = [
      ("snapshot-11.snap", "file_unexpected"),
      ("snapshot-0000000000000011.old", "file_unexpected"),
    ]
    for (name, code) in table {
      let other = disk.copy()
      other[name] = disk["snapshot-0000000000000010.snap"]

      let error = storageError { try SnapshotStore.open(on: other, cluster: clusterTag) }

      XCTAssertEqual(error?.code, code, name)
      XCTAssertTrue("\(error as Any)".contains(name))
    }
  }

  // MARK: Sending and receiving

  func test_receiver_whenGivenAllParts_hasTheSendersBytes() throws {
    let fixture = SnapshotFixture(index: 50)
    var (theirs, ours) = (try open(), try open())
    try fixture.write(to: &theirs)
    let name = "snapshot-0000000000000050.snap"
    let sent = disk[name]
    let parts = try theirs.reader(of: 50).allParts()
    disk.lose(name)

    try fixture.receive(parts, into: &ours)

    XCTAssertEqual(disk[name], sent)
    XCTAssertNil(try fixture.judge(ours))
    XCTAssertEqual(ours.newest?.index, 50)
  }

  func test_receiver_whenPartsRepeatOrComeTooEarly_waitsForTheOneItWants() throws {
    let parts = try SnapshotFixture(index: 50).parts()
    var receiver = try open().receive(index: 50)

    try receiver.receive(parts[1])
    XCTAssertEqual(receiver.wantedOffset, 0)
    for part in parts {
      try receiver.receive(part)
      try receiver.receive(part)
      try receiver.receive(parts[0])
    }

    XCTAssertTrue(receiver.isComplete)
    XCTAssertEqual(receiver.head, SnapshotFixture(index: 50).head)
  }

  func test_D11_receiver_whenAnyByteOfAPartIsWrong_refusesItAndTakesTheRightOne() throws {
    let parts = try SnapshotFixture(index: 50).parts()
    var receiver = try open().receive(index: 50)
    var refused = 0

    for part in parts {
      for place in stride(from: 0, to: part.bytes.count, by: part.offset == 0 ? 13 : 1) {
        var bytes = part.bytes
        bytes[place] ^= 0x10
        let wrong = SnapshotPart(offset: part.offset, bytes: bytes)

        XCTAssertNotNil(storageError { try receiver.receive(wrong) }, "byte \(place)")
        XCTAssertEqual(receiver.wantedOffset, part.offset)
        refused += 1
      }
      try receiver.receive(part)
    }

    XCTAssertTrue(receiver.isComplete)
    XCTAssertGreaterThan(refused, 2000)
  }

  func test_D11_receiver_whenPartsOfTwoSendersAreMixed_isOver() throws {
    // Equal heads, so that only the digest over the whole can tell.
    let parts = try SnapshotFixture(index: 50, pieceSizes: [64, 64]).parts()
    let store = try open()
    var writer = try store.begin(
      index: 50,
      term: SnapshotFixture(index: 50).term,
      head: SnapshotFixture(index: 50).head
    )
    for byte in [1, 2] as [UInt8] { try writer.append([UInt8](repeating: byte, count: 64)) }
    while try writer.finish() == .working {}
    let others = try store.reader(of: 50).allParts()
    var receiver = try store.receive(index: 50)

    for part in [parts[0], parts[1], others[2]] { try receiver.receive(part) }
    let error = storageError { try receiver.receive(parts[3]) }

    XCTAssertEqual(error?.code, "snapshot_damaged")
    XCTAssertTrue(receiver.isOver)
    XCTAssertEqual(disk.contents.keys.sorted(), ["snapshot-0000000000000050.snap"])
  }

  func test_P9_receiver_whenThePartIsAnotherClustersOrIndexs_refuses() throws {
    let parts = try SnapshotFixture(index: 50).parts()
    let foreign = try SnapshotStore.open(on: disk, cluster: [UInt8](repeating: 2, count: 16))
    var receivers = [try foreign.receive(index: 50), try open().receive(index: 51)]

    XCTAssertEqual(storageError { try receivers[0].receive(parts[0]) }?.code, "directory_foreign")
    XCTAssertEqual(storageError { try receivers[1].receive(parts[0]) }?.code, "file_unexpected")
    XCTAssertEqual(receivers.map(\.wantedOffset), [0, 0])
  }

  func test_reader_whenAskedForAnOffsetWhereNoPartStarts_saysThereIsNone() throws {
    var store = try open()
    try SnapshotFixture(index: 7).write(to: &store)
    let reader = try store.reader(of: 7)
    let starts = try reader.allParts().map(\.offset)

    for offset in 1..<reader.file.size + 100 where !starts.contains(offset) {
      XCTAssertNil(try reader.part(at: offset), "offset \(offset)")
    }
  }

  // MARK: Trouble

  func test_D7_writer_whenTheDiskIsFull_leavesNothingAndCanBeTriedAgain() throws {
    let fixture = SnapshotFixture(index: 10)
    let size = try fixture.parts().reduce(0) { $0 + $1.bytes.count }
    for capacity in stride(from: 0, to: size, by: 100) {
      let disk = CrashDisk()
      disk.capacity = capacity
      var store = try SnapshotStore.open(on: disk, cluster: clusterTag)

      let error = storageError { try fixture.write(to: &store) }

      XCTAssertEqual(error?.code, "disk_full", "\(capacity) bytes")
      XCTAssertEqual(error?.isFatal, false)
      XCTAssertEqual(disk.contents, [:])
      disk.capacity = size
      XCTAssertNoThrow(try fixture.write(to: &store))
    }
  }

  func test_D4_D5_D6_writer_whenADiskCallFails_isFatalAndNothingCounts() throws {
    let table: [(CrashDisk.Call, String)] = [
      (.create, "snapshot-"), (.write, "snapshot-"), (.sync, "snapshot-"), (.rename, "snapshot-"),
      (.syncFolder, ""),
    ]
    for (call, prefix) in table {
      let disk = CrashDisk()
      disk.failing = (call, prefix, 5)
      var store = try SnapshotStore.open(on: disk, cluster: clusterTag)

      let error = storageError { try SnapshotFixture(index: 10).write(to: &store) }

      XCTAssertEqual(error?.isFatal, true, "\(call)")
      XCTAssertEqual(store.snapshots, [], "\(call)")
    }
  }

  func test_W3_writer_whenItReadsBackOtherwise_givesNoSnapshot() throws {
    for place in [20, 4100, 4990, 6000] {
      let disk = CrashDisk()
      let fixture = SnapshotFixture(index: 10)
      let store = try SnapshotStore.open(on: disk, cluster: clusterTag)
      var writer = try store.begin(index: 10, term: fixture.term, head: fixture.head)
      for piece in fixture.pieces { try writer.append(piece) }
      XCTAssertEqual(try writer.finish(), .working)
      disk.flip("snapshot-0000000000000010.tmp", at: place)

      let error = storageError { while try writer.finish() == .working {} }

      XCTAssertEqual(error?.code, "snapshot_damaged", "byte \(place)")
      XCTAssertEqual(disk.contents, [:])
    }
  }

  func test_D8_reader_whenTheDiskCannotRead_saysTheSnapshotIsDamagedAndIsNotFatal() throws {
    var store = try open()
    try SnapshotFixture(index: 10).write(to: &store)
    let reader = try store.reader(of: 10)
    disk.failing = (.read, "snapshot-", 5)

    let error = storageError { try reader.part(at: 4096) }

    XCTAssertEqual(error?.code, "snapshot_damaged")
    XCTAssertEqual(error?.isFatal, false)
    XCTAssertEqual(try open().damaged.map(\.index), [10])
  }

  // MARK: Helpers

  private func open() throws -> SnapshotStore {
    try SnapshotStore.open(on: disk, cluster: clusterTag)
  }

  private func writerHeader(_ headSize: Int) -> Int { (52 + headSize + 4 + 4095) / 4096 * 4096 }
}
