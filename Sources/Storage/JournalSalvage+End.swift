import Wire

extension JournalSalvage {
  /// Decides what is lost at the end, and whether the last segment can go on.
  mutating func judgeEnd() {
    guard let last = surveys.last else { fatalError("a journal has at least one segment") }
    let lostNumber = last.number + 1
    if last.isSealed {
      // The seal is synced before the successor holds its first record.
      noteLostEnd(of: lostNumber, at: 0, proof: "\(last.fileName) is sealed")
      tellMissing(lostNumber)
      return goOnLater(in: lostNumber + 1)
    }
    if last.headerError != nil, last.records.isEmpty {
      noteLostEnd(of: last.number, at: 0, proof: "the file is there, and nothing in it is whole")
    } else if last.size < last.sizeExpected(recovery.options.segmentSizeBytes) {
      noteLostEnd(of: last.number, at: last.size, proof: "the file was longer")
    } else if last.hidesUnreadableRecord {
      let proof = "a power cut leaves no unreadable sectors"
      noteLostEnd(of: last.number, at: last.end, proof: proof)
    } else if last.provenDurable >= expected {
      let proof = "a record behind it says so"
      note(through: last.provenDurable, last.fileName, last.end, proof: proof)
    } else if last.isFitForMore {
      return
    }
    goOnLater(in: lostNumber)
  }

  private mutating func goOnLater(in number: UInt64) {
    freshNumber = number
    recovery.segments[recovery.segments.count - 1].isDamaged = true
  }

  /// How much stood there is not known: as many positions are given up as a segment can have, for
  /// each segment since the newest one of which anything is known.
  private mutating func noteLostEnd(
    of number: UInt64,
    at offset: Int,
    proof: String
  ) {
    guard let last = surveys.last else { return }
    let known = surveys.last { $0.headerError == nil || !$0.records.isEmpty }?.number
    let count = max(1, number - min(number, known ?? number))
    let size = max(recovery.options.segmentSizeBytes, last.size, last.statedSize)
    let most = UInt64(size / RecordFrame.headerSize) * count
    let file = SegmentHeader.fileName(number)
    let first = max(expected, last.provenDurable + 1)
    note(through: first + most - 1, file, offset, proof: proof, isBound: true)
  }

  /// Finds the newest vital record, and whether a newer one may have been lost.
  ///
  /// A header settles everything before it, except one that was written by a salvage that did not
  /// know either: that names none.
  mutating func judgeVitals() {
    let kept = recovery.records.last { $0.isVital }
    var newest = kept.map { JournalVital(position: $0.position, payload: $0.payload) }
    var settledBelow = kept?.position ?? 0
    for survey in surveys {
      guard let vital = survey.vitalBefore, let first = survey.firstPosition else { continue }
      settledBelow = max(settledBelow, first)
      if vital.position > newest?.position ?? 0 { newest = vital }
    }
    recovery.vital = newest
    let isHeadLost = settledBelow == 0 && surveys[0].headerError != nil
    isVitalCertain = !isHeadLost && damage.allSatisfy { $0.last < settledBelow }
  }

  /// Writes what can be repaired, and hands over a journal that goes on.
  mutating func finish() throws(StorageError) -> RecoveredJournal {
    let newest = recovery.vital
    // What may be outdated is not written into headers to come.
    var recovered = try goOn(vital: isVitalCertain ? newest : nil)
    recovered.vital = newest
    recovered.damage = damage
    recovered.isVitalCertain = isVitalCertain
    return recovered
  }

  private mutating func goOn(vital: JournalVital?) throws(StorageError) -> RecoveredJournal {
    if let freshNumber { return try goOn(inSegment: freshNumber, vital: vital) }
    guard let last = surveys.last else { fatalError("a journal has at least one segment") }
    let block = Array(last.image.bytes.prefix(SegmentHeader.size))
    let header = try SegmentHeader(decoding: block, file: last.fileName)
    recovery.vital = vital
    recovery.end = last.writer
    recovery.unprovenStart = last.unprovenStart
    return try recovery.finish(
      LoadedSegment(header: header, reader: last.reader),
      endingAt: last.end
    )
  }

  /// Leaves the damaged segment as evidence; its last records are made durable first.
  private mutating func goOn(
    inSegment number: UInt64,
    vital: JournalVital?
  ) throws(StorageError) -> RecoveredJournal {
    guard let last = surveys.last else { fatalError("a journal has at least one segment") }
    let header = SegmentHeader(
      segmentSize: recovery.options.segmentSizeBytes,
      identity: recovery.identity,
      number: number,
      firstPosition: expected,
      // No seal stands before it: the next opening finds the hole again.
      previousChecksum: 0,
      vital: vital
    )
    recovery.vital = vital
    recovery.end.segment = number
    recovery.end.position = expected - 1
    recovery.end.previousChecksum = 0
    return try recovery.finish(keeping: last, goingOnIn: header)
  }
}

extension SegmentSurvey {
  /// The size that its file had: without a header that of all segments.
  fileprivate func sizeExpected(_ usual: Int) -> Int {
    headerError == nil ? statedSize : usual
  }

  /// Whether something in it is not as it was written, and cannot be written again from a copy.
  var isDamaged: Bool {
    size == 0 || damage.contains { place in !repairs.contains { $0.offset == place.offset } }
  }

  /// Whether records can be appended to it: nothing in it is evidence, and all of it can be read.
  fileprivate var isFitForMore: Bool {
    headerError == nil && breaks.isEmpty && size == statedSize && image.unreadable.isEmpty
  }

  /// Where the first record starts that nothing proves to be synced.
  var unprovenStart: Int? {
    let newest = records.map(\.durableThrough).max() ?? 0
    return records.first { $0.durableThrough == newest }?.offset
  }
}
