import Wire

/// Keeps opaque records in the order in which they were appended, over power cuts.
///
/// A passive value: it does something only when called, and everything through its `Disk`.
/// `append` writes a batch, `sync` makes everything appended durable. After a call that threw
/// a fatal error the journal refuses every further one; only recovery can tell what the disk
/// holds then. The bytes are described in docs/formats/journal.md.
package struct Journal: Sendable {
  let disk: any Disk
  let options: JournalOptions
  let identity: [UInt8]
  var writer: RecordWriter
  /// All segments, oldest first; the last one is written to.
  var segments: [JournalSegment]
  /// The last segment's file.
  var file: OpenFile
  /// Where the next record goes in it.
  var offset: Int
  var pool: SegmentPool
  var vital: JournalVital?
  /// The bytes of all records appended since the journal was opened.
  package private(set) var sizeAppended = 0
  private var isUnsynced = false
  private var isStopped = false

  /// A journal that goes on where `end` says.
  init(
    disk: any Disk,
    options: JournalOptions,
    identity: [UInt8],
    end: JournalEnd,
    pool: SegmentPool
  ) {
    self.disk = disk
    self.options = options
    self.identity = identity
    writer = end.writer
    segments = end.segments
    file = end.file
    offset = end.offset
    vital = end.vital
    self.pool = pool
  }

  /// The position that the next record will take.
  package var nextPosition: UInt64 { writer.position + 1 }

  /// The position through which everything is known to be synced.
  package var durableThrough: UInt64 { writer.durableThrough }

  /// The position of the oldest record that is kept.
  package var firstPosition: UInt64 { segments[0].firstPosition }

  /// What can be appended before a segment is needed that is not there.
  package var room: JournalRoom {
    let spare = options.segmentSizeBytes - SegmentHeader.size - RecordFrame.headerSize
    let spares = pool.spares.count
    let rest = remaining(behind: offset)
    return JournalRoom(
      beyondSpare: spares == 0 ? 0 : rest + (spares - 1) * spare,
      withSpare: rest + spares * spare,
      sizeOnDisk: (segments.count + spares) * options.segmentSizeBytes,
      isDiskFull: pool.isDiskFull
    )
  }

  /// Writes a batch behind the last record, with one disk call for each segment it touches.
  ///
  /// - Throws: `recordTooLarge` or `diskFull` before anything is written; otherwise fatal.
  package mutating func append(_ records: [JournalRecord]) throws(StorageError) {
    try refuseIfStopped()
    let size = try makeRoom(for: records)
    sizeAppended += size
    var batch = ByteWriter(capacity: min(size, remaining(behind: offset)))
    var start = offset
    for record in records {
      let footprint = record.footprint
      if footprint > remaining(behind: offset) {
        try flush(&batch, at: start)
        try turn()
        start = offset
      }
      if record.isVital {
        writer.writeVital(record.payload, into: &batch)
        vital = JournalVital(position: writer.position, payload: record.payload)
      } else {
        writer.write(.data, record.payload, into: &batch)
      }
      offset += footprint
    }
    try flush(&batch, at: start)
  }

  /// Returns once everything appended survives a power cut; `durableThrough` then says so.
  package mutating func sync() throws(StorageError) {
    try refuseIfStopped()
    guard isUnsynced else { return }
    try fatally { journal throws(DiskError) in try journal.disk.sync(journal.file) }
    isUnsynced = false
    writer.durableThrough = writer.position
  }

  /// The bytes left for records in the current segment; its seal has its own place.
  private func remaining(behind offset: Int) -> Int {
    segments[segments.count - 1].size - RecordFrame.headerSize - offset
  }

  private mutating func flush(_ batch: inout ByteWriter, at start: Int) throws(StorageError) {
    guard batch.count > 0 else { return }
    isUnsynced = true
    let bytes = batch.bytes
    try fatally { journal throws(DiskError) in
      try journal.disk.write(bytes, to: journal.file, at: start)
    }
    batch = ByteWriter()
  }

  /// Refuses what can never be kept, and sees to it that no record waits for a segment later.
  ///
  /// - Returns: The bytes of all the records.
  private mutating func makeRoom(for records: [JournalRecord]) throws(StorageError) -> Int {
    var size = 0
    var left = remaining(behind: offset)
    var turns = 0
    let whole = options.segmentSizeBytes - SegmentHeader.size - RecordFrame.headerSize
    for record in records {
      let limit = record.isVital ? JournalOptions.vitalSizeMax : options.payloadSizeMax
      guard record.payload.count <= limit else {
        throw .recordTooLarge(size: record.payload.count, limit: limit)
      }
      let footprint = record.footprint
      size += footprint
      if footprint > left {
        turns += 1
        left = whole
      }
      left -= footprint
    }
    try makeSpares(turns)
    return size
  }

  /// Goes over to a spare segment, in the order that docs/formats/journal.md §5 explains.
  mutating func turn() throws(StorageError) {
    try fatally { journal throws(DiskError) in try journal.disk.sync(journal.file) }
    isUnsynced = false
    writer.durableThrough = writer.position
    let seal = writer.seal()
    let header = SegmentHeader(
      segmentSize: options.segmentSizeBytes,
      identity: identity,
      number: writer.segment + 1,
      firstPosition: nextPosition,
      previousChecksum: seal.checksum,
      vital: vital
    )
    try fatally { journal throws(DiskError) in
      let next = try journal.pool.take(for: header)
      try journal.disk.write(seal.bytes, to: journal.file, at: journal.offset)
      try journal.disk.sync(journal.file)
      journal.file = next
    }
    segments.append(
      JournalSegment(
        number: header.number,
        firstPosition: header.firstPosition,
        size: header.segmentSize
      )
    )
    offset = SegmentHeader.size
    writer.segment = header.number
    writer.previousChecksum = seal.checksum
  }

  func refuseIfStopped() throws(StorageError) {
    guard !isStopped else { throw .stopped }
  }

  /// Runs disk calls after whose failure nobody knows what the disk holds.
  mutating func fatally<Value>(
    _ body: (inout Journal) throws(DiskError) -> Value
  ) throws(StorageError) -> Value {
    do {
      return try body(&self)
    } catch {
      isStopped = true
      throw StorageError(fatal: error)
    }
  }
}

/// Where a journal ends, as creation or recovery leaves it.
struct JournalEnd: Sendable {
  var writer: RecordWriter
  var segments: [JournalSegment]
  var file: OpenFile
  var offset: Int
  var vital: JournalVital?
}
