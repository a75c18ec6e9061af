import Wire

extension JournalRecovery {
  /// Writes what was decided, syncs it, and hands over the journal.
  mutating func finish(
    _ last: LoadedSegment,
    endingAt offset: Int
  ) throws(StorageError) -> RecoveredJournal {
    do {
      // Repairs last: what is settled is as it was read, also where a copy has rotted.
      let file = try settle(last, endingAt: offset)
      try writeRepairs()
      return handOver(file, offset, try pool())
    } catch {
      throw StorageError(fatal: error)
    }
  }

  /// The same where the last segment is damaged: it stays as it is, a new one goes on.
  mutating func finish(
    keeping last: SegmentSurvey,
    goingOnIn header: SegmentHeader
  ) throws(StorageError) -> RecoveredJournal {
    do {
      // Without room nothing has changed yet.
      var pool = try pool()
      if pool.spares.isEmpty { try pool.fill(to: 1) }
      try settle(last)
      try writeRepairs()
      let file = try pool.take(for: header)
      segments.append(
        JournalSegment(
          number: header.number,
          firstPosition: header.firstPosition,
          size: header.segmentSize
        )
      )
      return handOver(file, SegmentHeader.size, pool)
    } catch {
      throw StorageError(error)
    }
  }

  private mutating func pool() throws(DiskError) -> SegmentPool {
    SegmentPool(disk: disk, segmentSize: options.segmentSizeBytes, spares: try cleanUp())
  }

  private mutating func handOver(
    _ file: OpenFile,
    _ offset: Int,
    _ pool: SegmentPool
  ) -> RecoveredJournal {
    end.durableThrough = end.position
    let journalEnd = JournalEnd(
      writer: end,
      segments: segments,
      file: file,
      offset: offset,
      vital: vital
    )
    let journal = Journal(
      disk: disk,
      options: options,
      identity: identity,
      end: journalEnd,
      pool: pool
    )
    return RecoveredJournal(journal: journal, records: records, vital: vital, report: report)
  }

  /// Makes the last records of a damaged segment durable: the new one's header says they are.
  ///
  /// Sectors that cannot be read stay so, for they are the proof that something is lost there.
  private func settle(_ last: SegmentSurvey) throws(DiskError) {
    let file = try disk.open(last.fileName)
    if let first = last.records.first(where: { $0.position > last.provenDurable }) {
      for range in last.image.readableParts(of: first.offset..<last.end) {
        try disk.write(Array(last.image.bytes[range]), to: file, at: range.lowerBound)
      }
    }
    try disk.sync(file)
    if segments.count > 1 {
      let previous = SegmentHeader.fileName(segments[segments.count - 2].number)
      try disk.sync(disk.open(previous))
    }
  }

  private func writeRepairs() throws(DiskError) {
    for repair in repairs {
      let file = try disk.open(repair.file)
      try disk.write(repair.bytes, to: file, at: repair.offset)
      try disk.sync(file)
    }
  }

  /// Makes the end of the journal durable as it was read.
  ///
  /// The newest batch is written again: if its sync failed with EIO, its pages look clean and a
  /// sync alone would leave them unwritten. What lies behind the end must not come back.
  private mutating func settle(
    _ last: LoadedSegment,
    endingAt offset: Int
  ) throws(DiskError) -> OpenFile {
    if segments.count > 1 {
      let previous = segments[segments.count - 2].number
      try disk.sync(disk.open(SegmentHeader.fileName(previous)))
    }
    let file = try disk.open(last.name)
    if let unprovenStart {
      try disk.write(Array(last.bytes[unprovenStart..<offset]), to: file, at: unprovenStart)
    }
    for range in last.reader.dirtyRanges(behind: offset) {
      try disk.write([UInt8](repeating: 0, count: range.count), to: file, at: range.lowerBound)
      report.bytesZeroed += range.count
    }
    try disk.sync(file)
    return file
  }

  /// Removes what an interrupted preparation left; gives back the spares that are whole.
  private mutating func cleanUp() throws(DiskError) -> [String] {
    var kept: [String] = []
    for name in inventory.spares {
      if try disk.size(of: disk.open(name)) == options.segmentSizeBytes {
        kept.append(name)
      } else {
        report.removed.append(name)
      }
    }
    report.removed += inventory.leftovers
    for name in report.removed { try disk.remove(name) }
    // Also for the names: a process that was killed may not have synced its last rename.
    try disk.syncFolder()
    return kept
  }
}
