import Wire

extension Journal {
  /// Makes the first segment and a spare in a folder that holds no journal.
  ///
  /// `identity` is 32 bytes that no other journal bears; every checksum covers it.
  package static func create(
    on disk: any Disk,
    identity: [UInt8],
    options: JournalOptions = JournalOptions()
  ) throws(StorageError) -> Journal {
    guard identity.count == SegmentHeader.identitySize else {
      fatalError("a journal's identity is 32 bytes")
    }
    let header = SegmentHeader(
      segmentSize: options.segmentSizeBytes,
      identity: identity,
      number: 1,
      firstPosition: 1,
      previousChecksum: 0,
      vital: nil
    )
    do {
      var pool = SegmentPool(disk: disk, segmentSize: options.segmentSizeBytes)
      try pool.fill(to: 1)
      let file = try pool.take(for: header)
      try pool.fill(to: 1)
      let writer = RecordWriter(
        seed: CRC32C.checksum(identity),
        segment: 1,
        position: 0,
        previousChecksum: 0,
        durableThrough: 0
      )
      let first = JournalSegment(number: 1, firstPosition: 1, size: header.segmentSize)
      let end = JournalEnd(
        writer: writer,
        segments: [first],
        file: file,
        offset: SegmentHeader.size,
        vital: nil
      )
      return Journal(disk: disk, options: options, identity: identity, end: end, pool: pool)
    } catch {
      throw StorageError(error)
    }
  }

  /// Does one small step towards the spare segments wanted: one, or two from the moment the
  /// current segment is half full.
  ///
  /// - Throws: Only fatal errors; a full file system is an answer.
  package mutating func prepareSpare(
    stepBytes: Int = 1 << 20
  ) throws(StorageError) -> SpareProgress {
    try refuseIfStopped()
    guard pool.spares.count < sparesWanted else { return .ready }
    let progress = try fatally { journal throws(DiskError) in
      try journal.pool.prepare(stepBytes: stepBytes)
    }
    return progress == .working && pool.spares.count >= sparesWanted ? .ready : progress
  }

  /// Whether there is a whole segment all of whose records lie below `position`.
  package func canForget(below position: UInt64) -> Bool {
    segments.count > 1 && segments[1].firstPosition <= position
  }

  /// Gives up the oldest segment if all its records lie below `position`; it becomes a spare.
  ///
  /// One at a time: each waits for the folder, and meanwhile nothing can be appended.
  package mutating func forgetOldest(below position: UInt64) throws(StorageError) {
    try refuseIfStopped()
    guard canForget(below: position) else { return }
    let oldest = segments.removeFirst()
    // What has rotted once is not used again.
    let wanted = oldest.isDamaged ? 0 : sparesWanted
    try fatally { journal throws(DiskError) in
      try journal.pool.recycle(oldest, keeping: wanted)
    }
  }

  /// Sees to it that every damaged segment has a sound one behind it, so that it can be forgotten.
  ///
  /// `number` names a segment that is found to be damaged or missing now.
  ///
  /// - Returns: The position below which all damage lies; nil if there is none.
  /// - Throws: `diskFull` where there is no segment to go on in; it may be tried again.
  package mutating func isolateDamage(in number: UInt64? = nil) throws(StorageError) -> UInt64? {
    try refuseIfStopped()
    // A missing one that recovery has not seen either lies behind the one before it.
    if let number, let place = segments.lastIndex(where: { $0.number <= number }) {
      segments[place].isDamaged = true
    }
    guard let last = segments.lastIndex(where: \.isDamaged) else { return nil }
    if last == segments.count - 1 {
      try makeSpares(1)
      try turn()
    }
    return segments[last + 1].firstPosition
  }

  private var sparesWanted: Int {
    offset > segments[segments.count - 1].size / 2 ? 2 : 1
  }

  /// Makes spares at once where a batch cannot wait for the small steps.
  mutating func makeSpares(_ count: Int) throws(StorageError) {
    guard pool.spares.count < count else { return }
    do {
      try pool.fill(to: count)
    } catch DiskError.noSpace(let file) {
      throw .diskFull(file: file)
    } catch {
      try fatally { _ throws(DiskError) in throw error }
    }
  }
}

extension SegmentPool {
  /// Makes spares until there are `count`.
  mutating func fill(to count: Int) throws(DiskError) {
    while spares.count < count {
      if try prepare(stepBytes: 1 << 20) == .noSpace {
        throw .noSpace(file: Self.unfinishedName)
      }
    }
  }
}
