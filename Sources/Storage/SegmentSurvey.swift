import Wire

/// A record found by a survey, with where it stands.
package struct SurveyedRecord: Equatable, Sendable {
  /// Its number, counted from 1 without gaps.
  package let position: UInt64
  /// The bytes that were appended.
  package let payload: [UInt8]
  /// Whether it was appended as vital.
  package let isVital: Bool
  /// Where it starts in its segment.
  package let offset: Int
  /// The position that was known to be synced when it was written.
  package let durableThrough: UInt64
}

/// Bytes of a segment that are not what was written there.
package struct SurveyedDamage: Equatable, Sendable {
  /// Where it starts.
  package let offset: Int
  /// Where the next whole record starts, or the file ends.
  package let end: Int
  /// What is wrong.
  package let what: String
}

/// Everything in one segment that can still be read, and every place that cannot.
///
/// Where a record is damaged it goes on at the next whole one: a record bears its own position,
/// segment and checksum, so that it is believed without what stood before it.
package struct SegmentSurvey: Sendable {
  /// The number in its name.
  package let number: UInt64
  /// The file's name.
  package let fileName: String
  /// The file's size in bytes.
  package let size: Int
  /// The position of its first record, as its header says; nil if the header is damaged.
  package private(set) var firstPosition: UInt64?
  /// The newest vital record before this segment, as its header says.
  package private(set) var vitalBefore: JournalVital?
  /// The whole records, in order.
  package private(set) var records: [SurveyedRecord] = []
  /// The damaged places, in order; what lies behind the last whole record is not judged.
  package private(set) var damage: [SurveyedDamage] = []
  /// Whether it ends with a seal: it has had a successor.
  package private(set) var isSealed = false
  /// The offset behind the last whole record.
  package private(set) var end = SegmentHeader.size

  private let image: SegmentImage
  private let reader: SegmentReader
  /// What the next record must continue; its position is unknown before the first whole record of
  /// a segment without a header.
  private var writer: RecordWriter
  private var isAnchored = false

  /// Reads segment `number` of the journal that bears `identity`.
  package init(
    of number: UInt64,
    on disk: any Disk,
    identity: [UInt8]
  ) throws(StorageError) {
    let name = SegmentHeader.fileName(number)
    let image = try withDisk { () throws(DiskError) in try SegmentImage(reading: name, on: disk) }
    self.image = image
    self.number = number
    fileName = name
    size = image.bytes.count
    let seed = CRC32C.checksum(identity)
    reader = SegmentReader(name: name, number: number, seed: seed, bytes: image.bytes)
    writer = RecordWriter(
      seed: seed,
      segment: number,
      position: 0,
      previousChecksum: 0,
      durableThrough: 0
    )
    readHeader(identity)
    readRecords()
  }

  private mutating func readHeader(_ identity: [UInt8]) {
    do throws(StorageError) {
      let block = Array(image.bytes.prefix(SegmentHeader.size))
      let header = try SegmentHeader(decoding: block, file: fileName)
      guard header.identity == identity else {
        throw .foreign(file: fileName, what: "it belongs to another node's or cluster's journal")
      }
      guard header.number == number else {
        throw .unexpected(
          file: fileName,
          what: "its content is \(SegmentHeader.fileName(header.number))"
        )
      }
      if header.segmentSize != size {
        note(min(size, header.segmentSize)..<size, "its header says \(header.segmentSize) bytes")
      }
      firstPosition = header.firstPosition
      vitalBefore = header.vital
      writer.position = header.firstPosition - 1
      writer.previousChecksum = header.previousChecksum
      isAnchored = true
    } catch {
      note(0..<min(SegmentHeader.size, size), "the header: \(error.reason)")
    }
  }

  private mutating func readRecords() {
    var offset = SegmentHeader.size
    while offset < size {
      if let next = isAnchored ? take(at: offset) : nil {
        offset = next
        continue
      }
      guard !isSealed, let found = nextWhole(behind: offset) else { break }
      let frame = found.frame
      writer.previousChecksum = frame.previousChecksum
      writer.position = frame.position - (frame.kind.advances ? 1 : 0)
      isAnchored = true
      // Behind padding stands the record's second copy.
      note(offset..<found.offset, lost(through: frame.position - (frame.kind == .seal ? 0 : 1)))
      offset = found.offset
    }
    end = max(end, min(offset, size))
  }

  /// Takes what stands at `offset` if it continues what was read; gives back where it ends.
  private mutating func take(at offset: Int) -> Int? {
    if let group = reader.vitalGroup(at: offset, after: writer) {
      let place = offset..<offset + group.image.count
      if Array(image.bytes[place]) != group.image {
        note(place, "one of the two copies of record \(group.end.position)")
      }
      writer = group.end
      add(group.payload, isVital: true, at: offset)
      return place.upperBound
    }
    guard let frame = reader.next(at: offset, after: writer) else { return nil }
    writer.position = frame.position
    writer.previousChecksum = frame.checksum
    writer.durableThrough = frame.durableThrough
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

  /// The next whole record that goes further than what was read.
  private func nextWhole(behind offset: Int) -> (offset: Int, frame: RecordFrame)? {
    for place in stride(from: offset, to: size, by: 8) {
      guard let frame = reader.frame(at: place), frame.position >= max(writer.position, 1) else {
        continue
      }
      if frame.position > writer.position || !frame.kind.advances { return (place, frame) }
    }
    return nil
  }

  private func lost(through last: UInt64) -> String {
    guard let before = records.last?.position ?? firstPosition.map({ $0 - 1 }) else {
      return "records before \(last + 1)"
    }
    if last <= before { return "no record" }
    return last == before + 1 ? "record \(last)" : "records \(before + 1) to \(last)"
  }

  private mutating func note(_ range: Range<Int>, _ what: String) {
    guard !range.isEmpty else { return }
    let cause = image.isUnreadable(within: range) ? ", which the disk cannot read" : ""
    damage.append(
      SurveyedDamage(offset: range.lowerBound, end: range.upperBound, what: what + cause)
    )
  }
}

extension StorageError {
  /// What is wrong, without the file's name and what to do about it.
  var reason: String {
    switch self {
    case .corrupt(_, _, let what), .snapshotDamaged(_, _, let what), .unexpected(_, let what),
      .foreign(_, let what):
      what
    case .unsupported(_, let version): "it has format version \(version)"
    case .diskFull, .diskFailed, .missing, .empty, .notEmpty, .locked, .recordTooLarge, .stopped:
      "\(self)"
    }
  }
}
