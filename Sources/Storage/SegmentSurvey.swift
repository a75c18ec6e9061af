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
  package internal(set) var firstPosition: UInt64?
  /// The newest vital record before this segment, as its header says.
  package internal(set) var vitalBefore: JournalVital?
  /// The whole records, in order.
  package internal(set) var records: [SurveyedRecord] = []
  /// The damaged places, in order.
  package internal(set) var damage: [SurveyedDamage] = []
  /// Whether it ends with a seal: it has had a successor.
  package internal(set) var isSealed = false
  /// The offset behind the last whole record.
  package internal(set) var end = SegmentHeader.size

  /// Why its header cannot be used; nil if it can.
  var headerError: StorageError?
  /// The size that its header says.
  var statedSize = 0
  /// Where the last run of records that continue each other begins among the records.
  var lastIslandStart = 0
  /// The checksum of the seal before it, as its header says; 0 if nothing is known of one.
  var previousSeal: UInt32 = 0
  /// Copies of vital records that can be written again from the other copy.
  var repairs: [(offset: Int, bytes: [UInt8])] = []
  /// Where reading could not go on and began anew behind.
  var breaks: [SurveyedBreak] = []
  /// The position through which everything is known to have been synced.
  var provenDurable: UInt64 = 0
  /// The end as the next record has to continue it; its position is unknown before the first
  /// whole record of a segment without a header.
  var writer: RecordWriter
  var isAnchored = false
  private(set) var reader: SegmentReader
  private(set) var image: SegmentImage

  /// Reads segment `number` of the journal that bears `identity`.
  ///
  /// `successorPosition` is the first position of the next segment, `UInt64.max` if that one
  /// cannot say: everything before it was synced. Nil for the last segment, behind whose last
  /// record there may be part of a batch that was never synced.
  package init(
    of number: UInt64,
    on disk: any Disk,
    identity: [UInt8],
    before successorPosition: UInt64?
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
    readRecords(below: successorPosition ?? .max)
    judge(before: successorPosition)
  }

  /// The first position that a segment's header says; `UInt64.max` if it cannot say.
  static func firstPosition(of number: UInt64, on disk: any Disk, identity: [UInt8]) -> UInt64 {
    let name = SegmentHeader.fileName(number)
    do {
      let block = try disk.read(try disk.open(name), at: 0, count: SegmentHeader.size)
      let header = try SegmentHeader(decoding: block, file: name)
      return header.identity == identity && header.number == number ? header.firstPosition : .max
    } catch {
      return .max
    }
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
        note(min(size, header.segmentSize)..<max(size, header.segmentSize), "the file's size")
      }
      statedSize = header.segmentSize
      firstPosition = header.firstPosition
      vitalBefore = header.vital
      previousSeal = header.previousChecksum
      writer.position = header.firstPosition - 1
      writer.previousChecksum = header.previousChecksum
      isAnchored = true
    } catch {
      headerError = error
      note(0..<min(SegmentHeader.size, size), "the header: \(error.reason)")
    }
  }

  /// Lets go of the bytes and records, which are no longer needed.
  mutating func release() {
    image = SegmentImage(name: fileName, bytes: [], unreadable: [])
    reader = SegmentReader(name: fileName, number: number, seed: writer.seed, bytes: [])
    records = []
  }

  mutating func note(_ range: Range<Int>, _ what: String) {
    guard !range.isEmpty else { return }
    let cause = image.isUnreadable(within: range) ? ", which the disk cannot read" : ""
    damage.append(
      SurveyedDamage(offset: range.lowerBound, end: range.upperBound, what: what + cause)
    )
  }
}

/// A place where the chain of records is broken.
struct SurveyedBreak: Sendable {
  /// How many records stand before it.
  let records: Int
  /// How many damaged places were noted before it.
  let damage: Int
  /// Where the chain ends.
  let offset: Int
  /// The end of what came before.
  let writer: RecordWriter
  /// Whether no position is missing and yet the next record does not continue the one before.
  let contradicts: Bool
}

extension StorageError {
  /// What is wrong, without the file's name and what to do about it.
  var reason: String {
    switch self {
    case .corrupt(_, _, let what), .snapshotDamaged(_, _, let what), .unexpected(_, let what),
      .foreign(_, let what):
      what
    case .unsupported(_, let version): "it has format version \(version)"
    case .journalLost(let first): first.reason
    case .diskFull, .diskFailed, .missing, .empty, .notEmpty, .locked, .recordTooLarge, .stopped:
      "\(self)"
    }
  }
}
