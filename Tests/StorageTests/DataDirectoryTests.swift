import XCTest

@testable import Storage

final class DataDirectoryTests: XCTestCase {
  private let identity = DirectoryIdentity(tag: tag, payload: Array("cluster 7, node 2".utf8))

  func test_directory_whenOpened_knowsItsIdentityAndCountsBoots() throws {
    let disk = try makeDirectory()

    let numbers = try (1...5).map { _ in try DataDirectory.open(on: disk).bootNumber }
    let directory = try DataDirectory.open(on: disk, expecting: tag)

    XCTAssertEqual(numbers, [1, 2, 3, 4, 5])
    XCTAssertEqual(directory.identity, identity)
    XCTAssertEqual(try directory.openJournal(options: .small).records.count, 1)
  }

  func test_P9_directory_whenAnotherProcessUsesIt_isRefused() throws {
    let disk = try makeDirectory()
    let directory = try DataDirectory.open(on: disk)

    let error = storageError { try DataDirectory.open(on: disk) }

    XCTAssertEqual(error, .locked(holder: "4711"))
    XCTAssertTrue("\(error as Any)".contains("4711"))
    XCTAssertEqual(directory.bootNumber, 1)
  }

  func test_P9_directory_whenItIsNotThisNodes_isRefusedUnchanged() throws {
    let disk = try makeDirectory()
    let other = [UInt8](repeating: 1, count: 32)
    let foreign = CrashDisk()
    foreign["letters.txt"] = [1, 2, 3]
    let otherProgram = CrashDisk()
    otherProgram["identity"] = [UInt8](repeating: 7, count: 8192)
    let unfinished = try makeDirectory()
    unfinished.lose("identity")
    let table: [(String, CrashDisk, [UInt8], String)] = [
      ("another node's", disk, other, "directory_foreign"),
      ("empty", CrashDisk(), tag, "directory_empty"),
      ("no data directory", foreign, tag, "directory_foreign"),
      ("another program's", otherProgram, tag, "directory_foreign"),
      ("without identity", unfinished, tag, "file_missing"),
    ]
    for (name, disk, tag, code) in table {
      let before = disk.contents

      let error = storageError { try DataDirectory.open(on: disk, expecting: tag) }

      XCTAssertEqual(error?.code, code, name)
      XCTAssertEqual(disk.contents, before, name)
    }
  }

  func test_create_whenTheFolderIsNotEmpty_refuses() throws {
    let disk = CrashDisk()
    disk["letters.txt"] = [1]

    let error = storageError {
      try DataDirectory.create(on: disk, identity: identity, records: [], options: .small)
    }

    XCTAssertEqual(error, .notEmpty(file: "letters.txt"))
    XCTAssertEqual(disk.contents, ["letters.txt": [1]])
  }

  func test_D7_create_whenTheDiskIsFull_saysSo() throws {
    let disk = CrashDisk()
    disk.capacity = 40_000

    let error = storageError {
      try DataDirectory.create(on: disk, identity: identity, records: [], options: .small)
    }

    XCTAssertEqual(error?.code, "disk_full")
  }

  func test_D10_identity_whenEitherCopyRots_isMendedFromTheOther() throws {
    let disk = try makeDirectory()
    let whole = disk["identity"]
    for offset in [0, 9, 20, 50, 4095, 4096, 4100, 5000, 8191] {
      let rotten = disk.copy()
      rotten["identity"][offset] ^= 1

      XCTAssertEqual(try DataDirectory.open(on: rotten).identity, identity, "byte \(offset)")
      XCTAssertEqual(rotten["identity"], whole, "byte \(offset)")
    }
  }

  func test_D10_identity_whenBothCopiesRot_isRefused() throws {
    let disk = try makeDirectory()
    disk["identity"][60] ^= 1
    disk["identity"][4096 + 60] ^= 1

    XCTAssertEqual(storageError { try DataDirectory.open(on: disk) }?.code, "journal_corrupt")
  }

  func test_D16_bootNumber_whenTheNewestSlotRots_neverRepeats() throws {
    let disk = try makeDirectory()
    for _ in 1...4 { _ = try DataDirectory.open(on: disk) }
    let rotten = disk.copy()
    rotten["boot"][20] ^= 1

    XCTAssertEqual(try DataDirectory.open(on: rotten).bootNumber, 5)
    XCTAssertEqual(try DataDirectory.open(on: disk).bootNumber, 5)
  }

  func test_D16_bootNumber_whenTheSameSlotRotsAgain_neverRepeats() throws {
    for slot in [0, 4096] {
      let disk = try makeDirectory()
      var numbers = try (1...4).map { _ in try DataDirectory.open(on: disk).bootNumber }
      for _ in 1...3 {
        disk["boot"][slot + 20] ^= 1
        numbers.append(try DataDirectory.open(on: disk).bootNumber)
      }

      XCTAssertEqual(numbers, Set(numbers).sorted(), "slot at \(slot)")
    }
  }

  func test_D3_bootNumber_whenThePowerFailsWhileADamagedSlotIsMended_neverRepeats() throws {
    for (slot, calls) in [0, 4096].flatMap({ slot in (0...4).map { (slot, $0) } }) {
      let damaged = try makeDirectory()
      for _ in 1...4 { _ = try DataDirectory.open(on: damaged) }
      damaged["boot"][slot + 20] ^= 1
      let picks: [(Int) -> Bool] = [{ _ in false }, { $0.isMultiple(of: 2) }, { _ in true }]
      for survives in picks {
        let disk = damaged.copy()
        disk.cutAfter = disk.calls + calls
        let first = try? DataDirectory.open(on: disk).bootNumber
        let after = disk.afterPowerCut(survives)

        let next = try DataDirectory.open(on: after).bootNumber

        XCTAssertGreaterThan(next, first ?? 4, "slot at \(slot), \(calls) calls")
      }
    }
  }

  /// What damages the counter for good.
  private let losses: [(code: String, of: (CrashDisk) -> Void)] = [
    ("file_missing", { $0.lose("boot") }),
    (
      "journal_corrupt",
      {
        $0["boot"][20] ^= 1
        $0["boot"][4096 + 20] ^= 1
      }
    ),
  ]

  func test_D17_bootCounter_whenLostOrWholeRotten_goesOnFarAbove() throws {
    for (code, loss) in losses {
      let disk = try makeDirectory()
      for _ in 1...4 { XCTAssertNil(try DataDirectory.open(on: disk).bootLost) }
      loss(disk)

      XCTAssertEqual(storageError { try DataDirectory.open(on: disk) }?.code, code)
      let starts = try (1...2).map { _ in
        let found = try DataDirectory.open(on: disk) { _ in true }
        return (found.bootNumber, found.bootLost?.code)
      }

      XCTAssertTrue(starts[0] == (1 << 31, code), "\(starts)")
      XCTAssertTrue(starts[1] == (1 << 31 + 1, nil), "\(starts)")
    }
  }

  func test_D17_bootCounter_whenLostWithTheJournal_isRefused() throws {
    for (code, loss) in losses {
      let disk = try makeDirectory()
      loss(disk)
      for name in try disk.list() where name.hasPrefix("journal-0") { disk.lose(name) }
      let before = disk.contents

      for _ in 1...2 {
        let error = storageError { try DataDirectory.open(on: disk) { _ in true } }
        XCTAssertEqual(error?.code, code)
      }

      XCTAssertEqual(disk.contents["boot"], before["boot"])
    }
  }

  func test_D17_bootCounter_whereverThePowerFailsWhileItBeginsAnew_isThere() throws {
    for (loss, calls) in losses.flatMap({ loss in (0...8).map { (loss.of, $0) } }) {
      let damaged = try makeDirectory()
      loss(damaged)
      for survives in [{ _ in false }, { $0.isMultiple(of: 2) }, { _ in true }] as [(Int) -> Bool] {
        let disk = damaged.copy()
        disk.cutAfter = disk.calls + calls
        let first = try? DataDirectory.open(on: disk) { _ in true }.bootNumber
        let after = disk.afterPowerCut(survives)

        let next = try DataDirectory.open(on: after) { _ in true }.bootNumber

        XCTAssertGreaterThan(next, first ?? 1 << 31 - 1, "\(calls) calls")
      }
    }
  }

  func test_bootCounter_ofALaterVersion_isLeftAsItIs() throws {
    let disk = try makeDirectory()
    for slot in [0, 4096] {
      var block = Array(disk["boot"][slot..<slot + 4092])
      block[8] = 9
      disk["boot"].replaceSubrange(slot..<slot + 4096, with: CheckedBlock.seal(block, size: 4096))
    }

    XCTAssertEqual(
      storageError { try DataDirectory.open(on: disk) { _ in true } },
      .unsupported(file: "boot", version: 9)
    )
  }

  func test_D17_bootCounter_whenItCannotBeReadNow_isLeftAsItIs() throws {
    let disk = try makeDirectory()
    for _ in 1...4 { _ = try DataDirectory.open(on: disk) }
    let before = disk["boot"]
    disk.unreadable = ("boot", [0, 8])

    XCTAssertThrowsError(try DataDirectory.open(on: disk) { _ in true })

    disk.unreadable = ("", [])
    XCTAssertEqual(disk["boot"], before)
    XCTAssertEqual(try DataDirectory.open(on: disk) { _ in true }.bootNumber, 5)
  }

  func test_P3_remake_whenBootWasLostBefore_isFinishedWhereverThePowerFails() throws {
    let probe = try makeDirectory()
    probe.lose("boot")
    let made = probe.calls
    try remake(on: probe)
    let calls = probe.calls - made
    for cut in 0...calls {
      let disk = try makeDirectory()
      disk.lose("boot")
      disk.cutAfter = disk.calls + cut
      _ = try? remake(on: disk)
      let after = disk.afterPowerCut { _ in true }

      if try DataDirectory.isHalfRemade(on: after) { try remake(on: after) }

      XCTAssertNoThrow(try DataDirectory.open(on: after) { _ in true }, "after \(cut) calls")
    }
  }

  func test_D17_bootCounter_whenLostAfterTheJournalBeganAnew_isNotTakenForHalfRemade() throws {
    let disk = try makeDirectory()
    try DataDirectory.open(on: disk).beginJournalAnew(with: [])
    disk.lose("boot")

    XCTAssertFalse(try DataDirectory.isHalfRemade(on: disk))
    XCTAssertEqual(try DataDirectory.open(on: disk) { _ in true }.bootNumber, 1 << 31)
  }

  // MARK: Made anew

  private let successor = DirectoryIdentity(
    tag: [UInt8](repeating: 9, count: 32),
    payload: Array("cluster 7, node 2 again".utf8)
  )

  private func remake(on disk: CrashDisk) throws(StorageError) {
    let successor = successor
    try DataDirectory.remake(on: disk, records: [.fixture(7)], options: .small) {
      _ throws(StorageError) in successor
    }
  }

  func test_remade_directory_isAnotherOneAndKeepsTheOldFilesAside() throws {
    let disk = try makeDirectory()
    let before = disk.contents

    try remake(on: disk)
    try remake(on: disk)

    XCTAssertEqual(try DataDirectory.open(on: disk).identity, successor)
    for (name, bytes) in before where name != "lock" {
      XCTAssertEqual(disk["refused-1-\(name)"], bytes, name)
    }
    XCTAssertFalse(disk["refused-2-identity"].isEmpty)
  }

  func test_remade_directory_whenOldFilesAsideAreLostInPart_isStillWhole() throws {
    let disk = try makeDirectory()
    try remake(on: disk)
    let aside = try disk.list().filter { $0.hasPrefix("refused-") }.sorted()

    for name in aside {
      disk.lose(name)
      XCTAssertFalse(try DataDirectory.isHalfRemade(on: disk), "without \(name)")
    }
  }

  func test_D17_remade_directory_whenItsIdentityIsLostLater_isLeftAsItIs() throws {
    for alsoLost in ["", "boot"] {
      let disk = try makeDirectory()
      try remake(on: disk)
      _ = try DataDirectory.open(on: disk)
      disk.lose("identity")
      disk.lose(alsoLost)
      let before = disk.contents

      XCTAssertFalse(try DataDirectory.isHalfRemade(on: disk))
      XCTAssertThrowsError(try DataDirectory.open(on: disk))
      XCTAssertThrowsError(try remake(on: disk))

      XCTAssertTrue(disk.contents == before, "nothing is touched")
    }
  }

  /// The first attempt is interrupted when the new directory is nearly there, the second while it
  /// removes that.
  func test_P3_remake_whereverThePowerFailsTwice_isFinishedByTheNextOne() throws {
    let probe = try makeDirectory()
    let made = probe.calls
    try remake(on: probe)
    let calls = probe.calls - made
    for first in calls - 6...calls {
      for second in 0..<12 {
        let disk = try makeDirectory()
        disk.cutAfter = disk.calls + first
        try? remake(on: disk)
        let half = disk.afterPowerCut { _ in true }
        guard try DataDirectory.isHalfRemade(on: half) else { continue }
        half.cutAfter = half.calls + second
        try? remake(on: half)

        let after = half.afterPowerCut { $0.isMultiple(of: 2) }
        if try DataDirectory.isHalfRemade(on: after) { try remake(on: after) }

        let name = "calls \(first) and \(second)"
        XCTAssertEqual(try DataDirectory.open(on: after).identity, successor, name)
      }
    }
  }

  /// An interrupted attempt would be taken for the old directory, half made anew.
  func test_create_whereARefusedDirectoryWasSetAside_isRefused() throws {
    let disk = try makeDirectory()
    try remake(on: disk)
    for name in try disk.list() where !name.hasPrefix("refused-") { disk.lose(name) }

    XCTAssertThrowsError(
      try DataDirectory.create(on: disk, identity: successor, records: [], options: .small)
    ) {
      guard case StorageError.notEmpty(let file) = $0 else { return XCTFail("\($0)") }
      XCTAssertTrue(file.hasPrefix("refused-1-"), file)
    }
  }

  func test_remake_whenNoSuccessorCanBeNamed_leavesTheDirectoryAsItIs() throws {
    let disk = try makeDirectory()
    let before = disk.contents

    XCTAssertThrowsError(
      try DataDirectory.remake(on: disk, records: [.fixture(7)], options: .small) {
        _ throws(StorageError) in throw .missing(file: "seat")
      }
    )

    XCTAssertEqual(disk.contents.keys.sorted(), before.keys.sorted())
    XCTAssertNoThrow(try DataDirectory.open(on: disk))
  }

  func test_P3_remake_whereverThePowerFails_isFinishedByTheNextOne() throws {
    let whole = try makeDirectory()
    let journal = try XCTUnwrap(whole.contents.first { $0.key.hasPrefix("journal-0") })
    let probe = try makeDirectory()
    let made = probe.calls
    try remake(on: probe)
    for call in 0...probe.calls - made {
      for pattern in 0..<4 {
        let disk = try makeDirectory()
        disk.cutAfter = disk.calls + call
        try? remake(on: disk)

        let after = disk.afterPowerCut { number in
          [false, true, number % 2 == 0, number % 3 == 0][pattern]
        }
        let isHalf = try DataDirectory.isHalfRemade(on: after)
        let isOld = try !isHalf && DataDirectory.open(on: after.copy()).identity == identity
        if isHalf || isOld { try remake(on: after) }

        let name = "call \(call), pattern \(pattern)"
        XCTAssertEqual(try DataDirectory.open(on: after).identity, successor, name)
        XCTAssertEqual(after["refused-1-\(journal.key)"], journal.value, name)
      }
    }
  }

  private func makeDirectory() throws -> CrashDisk {
    let disk = CrashDisk()
    try DataDirectory.create(
      on: disk,
      identity: identity,
      records: [.fixture(1)],
      options: .small
    )
    return disk
  }
}
