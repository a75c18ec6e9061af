import Wire

/// One segment in memory, read record by record; it judges nothing.
struct SegmentReader {
  let name: String
  /// The segment's number.
  let number: UInt64
  let seed: UInt32
  /// The whole file, with what was repaired so far.
  private(set) var bytes: [UInt8]

  init(name: String, number: UInt64, seed: UInt32, bytes: [UInt8]) {
    self.name = name
    self.number = number
    self.seed = seed
    self.bytes = bytes
  }

  /// The whole record of this segment at `offset`, if there is one.
  func frame(at offset: Int) -> RecordFrame? {
    RecordFrame(in: bytes, at: offset, segment: number, seed: seed)
  }

  /// The record at `offset`, if it is whole and continues what `end` has behind it.
  func next(at offset: Int, after end: RecordWriter) -> RecordFrame? {
    guard let frame = frame(at: offset), frame.previousChecksum == end.previousChecksum,
      frame.position == end.position + (frame.kind.advances ? 1 : 0)
    else { return nil }
    return frame
  }

  /// The vital record at `offset` with its padding and echo, from whichever copy is whole.
  func vitalGroup(
    at offset: Int,
    after end: RecordWriter
  ) -> (payload: [UInt8], image: [UInt8], end: RecordWriter)? {
    if let first = next(at: offset, after: end) {
      guard first.kind == .vital else { return nil }
      return rebuild(first, after: end, at: offset)
    }
    // The echo stands behind a vital record of 0 to 1,024 bytes and the padding.
    let nearest = offset + RecordFrame.headerSize + RecordFrame.paddingSize
    for place in stride(from: nearest, through: nearest + JournalOptions.vitalSizeMax, by: 8) {
      guard let echo = frame(at: place), echo.kind == .echo,
        let group = rebuild(echo, after: end, at: offset),
        offset + group.image.count == echo.end, group.end.previousChecksum == echo.checksum
      else { continue }
      return group
    }
    return nil
  }

  private func rebuild(
    _ copy: RecordFrame,
    after end: RecordWriter,
    at offset: Int
  ) -> (payload: [UInt8], image: [UInt8], end: RecordWriter)? {
    var writer = end
    writer.durableThrough = copy.durableThrough
    let payload = Array(bytes[copy.payload])
    var image = ByteWriter()
    writer.writeVital(payload, into: &image)
    guard offset + image.count <= bytes.count else { return nil }
    return (payload, image.bytes, writer)
  }

  /// Puts `image` at `offset`; whether anything changed.
  mutating func repair(at offset: Int, with image: [UInt8]) -> Bool {
    let place = offset..<offset + image.count
    guard Array(bytes[place]) != image else { return false }
    bytes.replaceSubrange(place, with: image)
    return true
  }

  /// Where the record at `offset` ends by its own head, if that continues `end`.
  func plausibleEnd(ofRecordAt offset: Int, after end: RecordWriter) -> Int? {
    var reader = ByteReader(bytes, offset..<bytes.count)
    do {
      _ = try reader.read(UInt32.self)
      guard try reader.read(UInt32.self) == end.previousChecksum else { return nil }
      let length = Int(try reader.read(UInt32.self))
      guard RecordKind(rawValue: try reader.read()) != nil else { return nil }
      return min(offset + RecordFrame.size(payloadSize: length), bytes.count)
    } catch {
      return nil
    }
  }

  /// Whether a whole record behind `offset` says that `position` had been synced.
  func provesDurable(_ position: UInt64, behind offset: Int) -> Int? {
    for place in stride(from: offset + 8, to: bytes.count, by: 8) {
      if let frame = frame(at: place), frame.durableThrough >= position { return place }
    }
    return nil
  }

  /// The blocks behind `offset` that hold anything but zeros, joined where they touch.
  func dirtyRanges(behind offset: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = offset
    while start < bytes.count {
      let end = min((start / 4096 + 1) * 4096, bytes.count)
      if bytes[start..<end].contains(where: { $0 != 0 }) {
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
          ranges.append(start..<end)
        }
      }
      start = end
    }
    return ranges
  }
}

/// A segment in memory whose header is whole.
struct LoadedSegment {
  let header: SegmentHeader
  var reader: SegmentReader

  var name: String { reader.name }
  var bytes: [UInt8] { reader.bytes }
}
