import Wire

/// What recovery found and did, for the log.
package struct RecoveryReport: Equatable, Sendable {
  /// How many segments the journal has.
  package var segments = 0
  /// How many records were found.
  package var records = 0
  /// Bytes of an unfinished batch, or of an earlier use of the segment, that were zeroed.
  package var bytesZeroed = 0
  /// Where a record was written again from its other copy: file and offset.
  package var repairs: [String] = []
  /// Files left behind by an interrupted preparation that were removed.
  package var removed: [String] = []
  /// What is not as it was written, the first places of each file; empty unless tolerated.
  package var damage: [FoundDamage] = []
}

/// A place where a file of a data directory is not as it was written.
package struct FoundDamage: Equatable, Sendable {
  /// The file.
  package let file: String
  /// Where it is.
  package let offset: Int
  /// What is wrong.
  package let what: String
}

/// A journal opened again, with everything in it.
package struct RecoveredJournal: Sendable {
  /// The journal, ready for the next append; everything found is durable by now.
  package var journal: Journal
  /// All records kept, in order.
  package let records: [RecoveredRecord]
  /// The newest vital record, even if its segment has been forgotten.
  package internal(set) var vital: JournalVital?
  /// What was found and done.
  package let report: RecoveryReport
  /// Positions known to have been synced whose records are lost here; empty unless tolerated.
  package internal(set) var damage: [DamagedStretch] = []
  /// Whether `vital` is the newest vital record there was; a newer one may be lost with what is
  /// damaged, until another is written.
  package internal(set) var isVitalCertain = true
  /// Why a caller who tolerates no damage would have been refused; nil if nothing is damaged.
  package internal(set) var refusal: StorageError?

  /// All records kept, with the newest vital one in its place even if its segment has been
  /// forgotten or damaged.
  package var recordsWithVital: [RecoveredRecord] {
    guard let vital else { return records }
    let place = records.firstIndex { $0.position >= vital.position } ?? records.endIndex
    guard place == records.endIndex || records[place].position > vital.position else {
      return records
    }
    let missing = RecoveredRecord(
      position: vital.position,
      payload: vital.payload,
      isVital: true
    )
    return records[..<place] + [missing] + records[place...]
  }
}

/// Opens a journal: reads it all, judges the damage, and only then changes anything.
///
/// A power cut can lose any part of the last, unsynced batch, in any order. A damaged record that
/// a later one knows to have been synced is rot, and guessing there would lose acknowledged
/// writes (protocol-aware recovery, FAST'18). Rules: docs/formats/journal.md §6.
package struct JournalRecovery {
  let disk: any Disk
  let identity: [UInt8]
  let options: JournalOptions
  var inventory = JournalInventory()
  var segments: [JournalSegment] = []
  var records: [RecoveredRecord] = []
  var vital: JournalVital?
  var report = RecoveryReport()
  /// The end of what was read so far.
  var end: RecordWriter
  /// The highest position that anything read so far says was synced.
  var provenDurable: UInt64 = 0
  /// Where the first record of the last segment starts that nothing proves to be synced.
  var unprovenStart: Int?
  /// What is to be written before the journal is used.
  var repairs: [(file: String, offset: Int, bytes: [UInt8])] = []

  /// Opens the journal that bears `identity`.
  ///
  /// `needed` is the oldest position that the caller cannot do without. A refusal names the file
  /// and has changed nothing; other errors come from the disk and are fatal. With
  /// `toleratingDamage` a journal with holes opens all the same and says where they are: only for a
  /// caller that can do without them, or have them refilled (protocol-aware recovery).
  package static func open(
    on disk: any Disk,
    identity: [UInt8],
    options: JournalOptions = JournalOptions(),
    neededFrom needed: UInt64 = 1,
    toleratingDamage: Bool = false
  ) throws(StorageError) -> RecoveredJournal {
    do throws(StorageError) {
      return try openWhole(on: disk, identity: identity, options: options, neededFrom: needed)
    } catch {
      guard toleratingDamage, error.isDamage else { throw error }
      let recovery = JournalRecovery(disk: disk, identity: identity, options: options)
      var salvage = try JournalSalvage(recovery, neededFrom: needed, because: error)
      var recovered = try salvage.finish()
      recovered.refusal = error
      return recovered
    }
  }

  private static func openWhole(
    on disk: any Disk,
    identity: [UInt8],
    options: JournalOptions,
    neededFrom needed: UInt64
  ) throws(StorageError) -> RecoveredJournal {
    var recovery = JournalRecovery(disk: disk, identity: identity, options: options)
    recovery.inventory = try JournalInventory(of: disk)
    let (last, offset) = try recovery.readAll(neededFrom: needed)
    return try recovery.finish(last, endingAt: offset)
  }

  private init(disk: any Disk, identity: [UInt8], options: JournalOptions) {
    self.disk = disk
    self.identity = identity
    self.options = options
    end = RecordWriter(
      seed: CRC32C.checksum(identity),
      segment: 0,
      position: 0,
      previousChecksum: 0,
      durableThrough: 0
    )
  }

  /// Reads every segment; gives back the last one and where its records end.
  private mutating func readAll(
    neededFrom needed: UInt64
  ) throws(StorageError) -> (last: LoadedSegment, offset: Int) {
    var current = try load(inventory.segments[0])
    guard current.header.firstPosition <= max(needed, 1) else {
      throw .missing(file: SegmentHeader.fileName(current.header.number - 1))
    }
    end.position = current.header.firstPosition - 1
    end.previousChecksum = current.header.previousChecksum
    vital = current.header.vital
    var offset = try read(&current)
    for number in inventory.segments.dropFirst() {
      let successor = try load(number)
      try close(&current, at: offset, before: successor)
      current = successor
      offset = try read(&current)
    }
    try judgeTail(of: current, from: offset)
    report.segments = segments.count
    report.records = records.count
    return (current, offset)
  }

  private func load(_ number: UInt64) throws(StorageError) -> LoadedSegment {
    let name = SegmentHeader.fileName(number)
    let bytes = try withDisk { () throws(DiskError) in
      let file = try disk.open(name)
      return try disk.read(file, at: 0, count: disk.size(of: file))
    }
    let header = try SegmentHeader(
      decoding: Array(bytes.prefix(SegmentHeader.size)),
      file: name
    )
    guard header.identity == identity else {
      throw .foreign(file: name, what: "it belongs to another node's or cluster's journal")
    }
    guard header.number == number else {
      throw .unexpected(
        file: name,
        what: "its content is \(SegmentHeader.fileName(header.number))"
      )
    }
    guard header.segmentSize == bytes.count else {
      throw .corrupt(
        file: name,
        offset: min(bytes.count, header.segmentSize),
        what: "it has \(bytes.count) bytes instead of \(header.segmentSize)"
      )
    }
    let reader = SegmentReader(name: name, number: number, seed: end.seed, bytes: bytes)
    return LoadedSegment(header: header, reader: reader)
  }

  /// Takes the records of a segment as far as they are whole; gives back where that ends.
  private mutating func read(_ segment: inout LoadedSegment) throws(StorageError) -> Int {
    let header = segment.header
    segments.append(
      JournalSegment(
        number: header.number,
        firstPosition: header.firstPosition,
        size: header.segmentSize
      )
    )
    end.segment = header.number
    provenDurable = max(provenDurable, header.firstPosition - 1)
    unprovenStart = nil
    var offset = SegmentHeader.size
    while offset < segment.bytes.count {
      let start = offset
      let durableThrough: UInt64
      if let group = segment.reader.vitalGroup(at: offset, after: end) {
        repair(&segment, at: offset, with: group.image)
        durableThrough = group.end.durableThrough
        end = group.end
        offset += group.image.count
        take(group.payload, isVital: true)
      } else if let frame = segment.reader.next(at: offset, after: end), frame.kind == .data {
        durableThrough = frame.durableThrough
        end.position = frame.position
        end.previousChecksum = frame.checksum
        offset = frame.end
        take(Array(segment.bytes[frame.payload]), isVital: false)
      } else {
        break
      }
      noteDurable(through: durableThrough, recordAt: start)
    }
    return offset
  }

  private mutating func take(_ payload: [UInt8], isVital: Bool) {
    records.append(
      RecoveredRecord(position: end.position, payload: payload, isVital: isVital)
    )
    if isVital { vital = JournalVital(position: end.position, payload: payload) }
  }

  /// The records of one batch say the same: the first one to say it begins the newest batch.
  private mutating func noteDurable(through position: UInt64, recordAt start: Int) {
    if unprovenStart == nil || position > provenDurable { unprovenStart = start }
    provenDurable = max(provenDurable, position)
  }

  private mutating func repair(
    _ segment: inout LoadedSegment,
    at offset: Int,
    with image: [UInt8]
  ) {
    guard segment.reader.repair(at: offset, with: image) else { return }
    repairs.append((segment.name, offset, image))
    report.repairs.append("\(segment.name) offset \(offset)")
  }
}

extension JournalRecovery {
  /// Checks that a segment ends where its successor begins.
  private mutating func close(
    _ segment: inout LoadedSegment,
    at offset: Int,
    before successor: LoadedSegment
  ) throws(StorageError) {
    let seal = end.seal()
    guard successor.header.firstPosition == end.position + 1,
      successor.header.previousChecksum == seal.checksum,
      offset + seal.bytes.count <= segment.bytes.count
    else {
      throw .corrupt(
        file: segment.name,
        offset: offset,
        what: "record \(end.position + 1) is damaged, and \(successor.name) says it was synced"
      )
    }
    repair(&segment, at: offset, with: seal.bytes)
    end.previousChecksum = seal.checksum
  }

  /// Decides whether the last segment ends here because a batch was never synced.
  private func judgeTail(
    of segment: LoadedSegment,
    from offset: Int
  ) throws(StorageError) {
    if let seal = segment.reader.next(at: offset, after: end), seal.kind == .seal {
      throw .missing(file: SegmentHeader.fileName(segment.header.number + 1))
    }
    guard let proof = segment.reader.provesDurable(end.position + 1, behind: offset) else { return }
    throw .corrupt(
      file: segment.name,
      offset: offset,
      what: "record \(end.position + 1) is damaged, and the one at \(proof) says it was synced"
    )
  }
}
