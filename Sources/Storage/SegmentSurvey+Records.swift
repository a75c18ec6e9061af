import Wire

extension SegmentSurvey {
  /// Reads everything whole, positions below `bound` only.
  mutating func readRecords(below bound: UInt64) {
    var offset = SegmentHeader.size
    while offset < size, !isSealed {
      if let next = isAnchored ? take(at: offset) : nil {
        offset = next
        continue
      }
      guard let found = nextWhole(behind: offset, below: bound) else { break }
      resume(at: found.frame, found.offset, from: offset)
      offset = found.offset
    }
    end = max(end, min(offset, size))
  }

  /// Takes what stands at `offset` if it continues what was read; gives back where it ends.
  private mutating func take(at offset: Int) -> Int? {
    if let group = reader.vitalGroup(at: offset, after: writer) {
      let place = offset..<offset + group.image.count
      if Array(image.bytes[place]) != group.image {
        // A sector that cannot be read may not take a part of a page either.
        if !image.isUnreadable(within: place) { repairs.append((offset, group.image)) }
        note(place, "one of the two copies of record \(group.end.position)")
      }
      writer = group.end
      provenDurable = max(provenDurable, writer.durableThrough)
      add(group.payload, isVital: true, at: offset)
      return place.upperBound
    }
    guard let frame = reader.next(at: offset, after: writer) else { return nil }
    writer.position = frame.position
    writer.previousChecksum = frame.checksum
    writer.durableThrough = frame.durableThrough
    provenDurable = max(provenDurable, frame.durableThrough)
    switch frame.kind {
    case .data: add(Array(image.bytes[frame.payload]), isVital: false, at: offset)
    case .echo: add(Array(image.bytes[frame.payload]), isVital: true, at: offset)
    case .seal: isSealed = true
    case .vital, .padding: break
    }
    return frame.end
  }

  private mutating func add(_ payload: [UInt8], isVital: Bool, at offset: Int) {
    records.append(
      SurveyedRecord(
        position: writer.position,
        payload: payload,
        isVital: isVital,
        offset: offset,
        durableThrough: writer.durableThrough
      )
    )
  }

  /// Begins anew at a whole record, as if what stood before it were what it says.
  private mutating func resume(at frame: RecordFrame, _ place: Int, from offset: Int) {
    let before = records.last?.position ?? firstPosition.map { $0 - 1 }
    breaks.append(
      SurveyedBreak(
        records: records.count,
        damage: damage.count,
        offset: offset,
        writer: writer,
        contradicts: frame.kind.advances && before.map { $0 + 1 } == frame.position
      )
    )
    // Behind padding stands the record's second copy.
    let last = frame.position - (frame.kind == .seal ? 0 : 1)
    note(offset..<place, lost(behind: before, through: last))
    writer.previousChecksum = frame.previousChecksum
    writer.position = frame.position - (frame.kind.advances ? 1 : 0)
    isAnchored = true
  }

  /// The whole record with the lowest position that goes further than what was read.
  ///
  /// Not simply the next one: within a damaged record a client's value may look like a record, and
  /// must hide none.
  private func nextWhole(
    behind offset: Int,
    below bound: UInt64
  ) -> (offset: Int, frame: RecordFrame)? {
    let least = max(writer.position, 1)
    var best: (offset: Int, frame: RecordFrame)?
    for place in stride(from: offset, to: size, by: 8) {
      guard let frame = reader.frame(at: place), frame.position >= least,
        frame.position < best?.frame.position ?? bound, frame.durableThrough <= frame.position
      else { continue }
      if frame.position > writer.position || !frame.kind.advances { best = (place, frame) }
    }
    return best
  }

  private func lost(behind before: UInt64?, through last: UInt64) -> String {
    guard let before else { return "records before \(last + 1)" }
    if last <= before { return "no record" }
    return last == before + 1 ? "record \(last)" : "records \(before + 1) to \(last)"
  }
}

extension SegmentSurvey {
  /// Tells rot from a batch whose sync never finished, and the records of one past from another's.
  ///
  /// A break before a position that was synced is rot. Behind any other, nothing counts: it was
  /// promised to nobody (docs/formats/journal.md §6). A successor that cannot say where it begins
  /// proves nothing, unless a seal stands before it: an earlier opening may have ended this segment
  /// at such a break, and given its positions to others.
  mutating func judge(before successorPosition: UInt64?) {
    let before = firstPosition.map { $0 - 1 } ?? 0
    let isSettled = successorPosition.map { $0 != .max || isSealed } ?? false
    provenDurable = max(before, provenDurable)
    if isSettled, let successorPosition { provenDurable = successorPosition - 1 }
    let all = records
    var kept = Array(all[..<(breaks.first?.records ?? all.count)])
    for (number, place) in breaks.enumerated() {
      let next = number + 1 < breaks.count ? breaks[number + 1].records : all.count
      let island = all[place.records..<next]
      if let resumed = island.first, !isSettled, size >= statedSize,
        isTorn(
          behind: kept.last?.position ?? firstPosition.map { $0 - 1 },
          before: resumed.position
        ),
        // A power cut leaves no unreadable sectors.
        !image.isUnreadable(within: place.offset..<resumed.offset)
      {
        if successorPosition == nil { return cut(at: number, keeping: kept) }
        break
      }
      records = kept
      if place.contradicts { distrustLastIsland(endingAt: place.offset) }
      kept = records
      lastIslandStart = kept.count
      kept += island
    }
    records = kept
  }

  /// Gives up the last run of records: what follows it, and is newer, does not continue it.
  mutating func distrustLastIsland(endingAt offset: Int) {
    guard lastIslandStart < records.count else { return }
    let (first, last) = (records[lastIslandStart], records[records.count - 1])
    records.removeSubrange(lastIslandStart...)
    note(
      first.offset..<offset,
      "record \(last.position + 1) does not continue those from \(first.position) on"
    )
  }

  /// Whether a record behind a break belongs to a batch of which other parts were never written.
  private func isTorn(behind last: UInt64?, before next: UInt64) -> Bool {
    guard let last else { return false }
    return last + 1 > provenDurable || next > provenDurable + 1
  }

  /// Lets the segment end at a break.
  private mutating func cut(at number: Int, keeping kept: [SurveyedRecord]) {
    let place = breaks[number]
    let isRot = (kept.last?.position ?? firstPosition.map { $0 - 1 } ?? 0) < provenDurable
    records = kept
    end = place.offset
    writer = place.writer
    isSealed = false
    damage.removeSubrange((place.damage + (isRot ? 1 : 0))...)
    repairs.removeAll { $0.offset >= place.offset }
    breaks.removeSubrange((number + (isRot ? 1 : 0))...)
  }
}

extension SegmentSurvey {
  /// Whether the seal that its successor's header names is the one that belongs behind it.
  func isContinued(by successor: SegmentSurvey) -> Bool {
    guard successor.previousSeal != 0, successor.firstPosition == writer.position + 1 else {
      return true
    }
    let seal = isSealed ? writer.previousChecksum : writer.seal().checksum
    return seal == successor.previousSeal
  }

  /// Whether a record that was written at the end lies where the disk cannot read.
  ///
  /// A power cut leaves no such sectors; so this is not an unfinished batch.
  var hidesUnreadableRecord: Bool {
    let head = end..<min(end + RecordFrame.headerSize, size)
    guard !head.isEmpty, !image.isUnreadable(within: head) else { return !head.isEmpty }
    guard let next = reader.plausibleEnd(ofRecordAt: end, after: writer) else { return false }
    return image.isUnreadable(within: end..<next)
  }
}
