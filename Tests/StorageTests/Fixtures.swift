import Storage

/// A small generator whose numbers repeat from a seed.
struct SeededNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension JournalOptions {
  /// The smallest segments, so that tests turn them often.
  static let small = JournalOptions(segmentSizeBytes: 16 << 10)
}

extension JournalRecord {
  /// A record whose bytes can be told from those of every other number.
  static func fixture(_ number: Int, size: Int = 100, isVital: Bool = false) -> JournalRecord {
    let text = Array("record \(number) ".utf8)
    let filler = (0..<max(0, size - text.count)).map { UInt8(truncatingIfNeeded: $0 &+ number) }
    return JournalRecord(payload: Array((text + filler).prefix(size)), isVital: isVital)
  }
}

let tag = [UInt8](repeating: 0xA5, count: 32)

/// Opens the journal of the fixtures.
func reopen(
  _ disk: any Disk,
  options: JournalOptions = .small,
  neededFrom: UInt64 = 1
) throws(StorageError) -> RecoveredJournal {
  try JournalRecovery.open(on: disk, identity: tag, options: options, neededFrom: neededFrom)
}

extension Journal {
  /// A journal in a folder of its own.
  static func fixture(on disk: any Disk) throws -> Journal {
    try Journal.create(on: disk, identity: tag, options: .small)
  }

  /// Appends and syncs.
  mutating func keep(_ records: [JournalRecord]) throws {
    try append(records)
    try sync()
  }

  /// Gives up all segments that lie below a position, one after the other.
  mutating func forget(below position: UInt64) throws(StorageError) {
    repeat { try forgetOldest(below: position) } while canForget(below: position)
  }

  /// Prepares all the spares that are wanted, in small steps.
  mutating func prepareAllSpares() throws {
    while try prepareSpare(stepBytes: 4096) == .working {}
  }
}

/// The error that a call throws; nil if it throws none.
func storageError<Value>(of body: () throws -> Value) -> StorageError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? StorageError
  }
}
