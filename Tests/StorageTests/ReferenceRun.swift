import Storage

/// A life of a data directory: made, opened, many batches with votes, turns of segments, spares
/// prepared in small steps between them, and old segments forgotten.
///
/// It notes what was promised, so that a power cut anywhere can be judged.
struct ReferenceRun {
  /// Everything handed to `append`, the batch under way included.
  private(set) var appended: [JournalRecord] = []
  /// How many of them a returned `sync` covers.
  private(set) var synced = 0
  /// The oldest position that was not given up.
  private(set) var neededFrom: UInt64 = 1
  /// Whether the directory was finished.
  private(set) var isMade = false
  /// The most segments and spares that stood there after a batch.
  private(set) var filesMost = 0

  private static let identity = DirectoryIdentity(tag: tag, payload: Array("genesis".utf8))

  /// Lives until the end or until the disk's power is cut; where `kept` says how many records are
  /// still needed, the older ones are given up after each batch, otherwise once.
  mutating func live(on disk: CrashDisk, batches: Int = 16, keeping kept: Int? = nil) throws {
    appended = [.fixture(0)]
    try DataDirectory.create(
      on: disk,
      identity: Self.identity,
      records: appended,
      options: .small
    )
    isMade = true
    synced = 1
    let directory = try DataDirectory.open(on: disk, expecting: tag)
    var journal = try directory.openJournal(options: .small).journal
    for number in 1...batches {
      try append(Self.batch(number), to: &journal)
      // Sometimes two batches share a sync.
      if number % 4 == 0 { try append([.fixture(1000 + number)], to: &journal) }
      try journal.sync()
      synced = appended.count
      _ = try journal.prepareSpare(stepBytes: 8192)
      if let kept, synced > kept {
        neededFrom = UInt64(synced - kept)
        try journal.forget(below: neededFrom)
      } else if kept == nil, number == batches * 3 / 4 {
        neededFrom = UInt64(synced)
        try journal.forget(below: neededFrom)
      }
      filesMost = max(filesMost, disk.contents.keys.count { $0.hasPrefix("journal-") })
    }
  }

  private mutating func append(
    _ records: [JournalRecord],
    to journal: inout Journal
  ) throws {
    appended += records
    try journal.append(records)
  }

  /// Batches of differing shape: small, with a vote, large, many small ones.
  private static func batch(_ number: Int) -> [JournalRecord] {
    switch number % 5 {
    case 1: [.fixture(number, size: 700), .fixture(number + 100, size: 40)]
    case 2: [.fixture(number, size: 24, isVital: true)]
    // Together more than half a segment: often the batch goes over to the next one.
    case 3 where number > 5: (0..<4).map { .fixture(number * 10 + $0, size: 2700) }
    case 3: [.fixture(number, size: 3500)]
    case 4: (0..<6).map { .fixture(number * 10 + $0, size: 150) }
    default: [.fixture(number, size: 16, isVital: true), .fixture(number + 200, size: 2000)]
    }
  }
}

extension ReferenceRun {
  /// Opens what a power cut left; says what is wrong with it, or nil (W1, W2, D10).
  func judge(_ disk: CrashDisk) -> String? {
    do {
      let directory = try DataDirectory.open(on: disk, expecting: tag)
      let found = try directory.openJournal(options: .small, neededFrom: neededFrom)
      if let wrong = judge(found) { return wrong }
      return try goOn(found, on: disk)
    } catch {
      let error = error as? StorageError
      switch error {
      case .empty, .foreign, .missing: return isMade ? "does not open: \(error as Any)" : nil
      default: return "does not open: \(error as Any)"
      }
    }
  }

  private func judge(_ found: RecoveredJournal) -> String? {
    let first = Int(found.journal.firstPosition)
    let last = first - 1 + found.records.count
    guard first <= neededFrom else { return "begins at \(first), \(neededFrom) is needed" }
    guard last >= synced else { return "ends at \(last), \(synced) was synced" }
    guard last <= appended.count else { return "has \(last) of \(appended.count) records" }
    for (record, expected) in zip(found.records, appended[(first - 1)..<last]) {
      guard record.payload == expected.payload, record.isVital == expected.isVital else {
        return "record \(record.position) is not what was appended"
      }
    }
    let vital = appended[..<last].lastIndex(where: \.isVital)
    guard found.vital?.position == vital.map({ UInt64($0 + 1) }),
      found.vital?.payload == vital.map({ appended[$0].payload })
    else { return "the newest vital record is not \(vital as Any)" }
    guard found.journal.durableThrough == UInt64(last) else { return "durableThrough is wrong" }
    return nil
  }

  /// The journal must be usable, and lose nothing of what is written from now on.
  private func goOn(_ found: RecoveredJournal, on disk: CrashDisk) throws -> String? {
    var journal = found.journal
    let more: [JournalRecord] = [.fixture(5000, isVital: true), .fixture(5001, size: 300)]
    try journal.keep(more)
    let afterCut = disk.afterPowerCut { _ in false }
    let again = try reopen(afterCut, neededFrom: neededFrom)
    let expected = found.records.map(\.payload) + more.map(\.payload)
    return again.records.map(\.payload) == expected ? nil : "appending after recovery went wrong"
  }
}
