import Wire

/// Reads one segment from the disk, a piece at a time, and finds what is not as it was written.
///
/// It takes no lock: the journal goes on writing behind what it looks at. A file that bears its
/// name no longer has been forgotten, and is whole whatever it holds by now.
package struct SegmentScrub: Sendable {
  /// How far it goes.
  enum Bound: Sendable {
    /// To the end: the next segment begins with this position; `UInt64.max` if it cannot say.
    case successor(UInt64)
    /// As far as it was synced when the reading began.
    case durable(through: UInt64)
  }

  /// The segment's number.
  package let number: UInt64
  /// The bytes of the file.
  package let size: Int

  private let disk: any Disk
  private let file: OpenFile
  private let identity: [UInt8]
  private let bound: Bound
  /// The end of what was checked, as the next record has to continue it.
  private var end: RecordWriter
  private var offset = 0
  /// The size of the record that begins at `offset`, where a piece did not hold all of it.
  private var wantedSize = 0
  private var isOver = false

  init(
    of number: UInt64,
    file: OpenFile,
    on disk: any Disk,
    identity: [UInt8],
    until bound: Bound
  ) throws(DiskError) {
    self.number = number
    self.file = file
    self.disk = disk
    size = try disk.size(of: file)
    self.identity = identity
    self.bound = bound
    end = RecordWriter(
      seed: CRC32C.checksum(identity),
      segment: number,
      position: 0,
      previousChecksum: 0,
      durableThrough: 0
    )
  }

  /// Checks the next piece.
  ///
  /// - Returns: How many bytes were read; nil once there is nothing left to check.
  /// - Throws: What is damaged, or what the disk says.
  package mutating func step(sizeAim: Int = 256 << 10) throws(StorageError) -> Int? {
    guard !isOver else { return nil }
    do throws(StorageError) {
      let bytes = try read(offset == 0 ? SegmentHeader.size : max(sizeAim, wantedSize))
      if offset == 0 { try checkHeader(bytes) } else { try checkRecords(bytes) }
      return bytes.count
    } catch {
      isOver = true
      guard try isForgotten() else { throw error }
      return nil
    }
  }

  private func read(_ count: Int) throws(StorageError) -> [UInt8] {
    try withDisk { () throws(DiskError) in try disk.read(file, at: offset, count: count) }
  }

  private mutating func checkHeader(_ block: [UInt8]) throws(StorageError) {
    let header = try SegmentHeader(decoding: block, file: file.name)
    guard header.identity == identity, header.number == number else {
      throw .unexpected(file: file.name, what: "another segment's content stands in it")
    }
    guard header.segmentSize == size else { throw damaged(at: size, "the file's size is wrong") }
    end.position = header.firstPosition - 1
    end.previousChecksum = header.previousChecksum
    offset = SegmentHeader.size
  }

  private mutating func checkRecords(_ bytes: [UInt8]) throws(StorageError) {
    var place = 0
    let asked = wantedSize
    wantedSize = 0
    while !isOver {
      if case .durable(let position) = bound, end.position >= position {
        isOver = true
      } else if let frame = next(in: bytes, at: place) {
        end.position = frame.position
        end.previousChecksum = frame.checksum
        place = frame.end
        isOver = frame.kind == .seal
      } else {
        wantedSize = statedSize(in: bytes, at: place)
        // The record goes on behind this piece, or nothing stands there: the next piece tells.
        guard place == 0, max(bytes.count, asked) >= wantedSize else { break }
        try judgeEnd()
      }
    }
    offset += place
  }

  private func next(in bytes: [UInt8], at place: Int) -> RecordFrame? {
    guard let frame = RecordFrame(in: bytes, at: place, segment: number, seed: end.seed),
      frame.previousChecksum == end.previousChecksum,
      frame.position == end.position + (frame.kind.advances ? 1 : 0)
    else { return nil }
    return frame
  }

  /// How long the record at a place says it is, as far as the file can hold it.
  private func statedSize(in bytes: [UInt8], at place: Int) -> Int {
    let rest = size - offset - place
    guard place + 12 <= bytes.count else { return min(RecordFrame.headerSize, rest) }
    let length = bytes[place + 8..<place + 12].reversed().reduce(0) { $0 << 8 | Int($1) }
    return min(RecordFrame.size(payloadSize: length), rest)
  }

  /// No record continues what was checked.
  ///
  /// A seal that is missing is no loss: the next opening writes it again.
  private mutating func judgeEnd() throws(StorageError) {
    if case .successor(let first) = bound, end.position + 1 == first {
      isOver = true
      return
    }
    throw damaged(at: offset, "record \(end.position + 1), which was synced, is damaged")
  }

  private func isForgotten() throws(StorageError) -> Bool {
    do throws(DiskError) {
      _ = try disk.open(file.name)
      return false
    } catch .missing {
      return true
    } catch {
      throw StorageError(error)
    }
  }

  private func damaged(at offset: Int, _ what: String) -> StorageError {
    .corrupt(file: file.name, offset: offset, what: what)
  }
}
