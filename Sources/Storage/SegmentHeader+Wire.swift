import Wire

extension SegmentHeader {
  private static let magic = Array("LKSTPJNL".utf8)
  private static let version: UInt16 = 1

  /// The header block, 4096 bytes.
  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.size)
    writer.writeRaw(Self.magic)
    writer.write(Self.version)
    writer.write(UInt16(0))
    writer.write(UInt32(segmentSize))
    writer.writeRaw(identity)
    writer.write(number)
    writer.write(firstPosition)
    writer.write(previousChecksum)
    writer.write(UInt32(vital?.payload.count ?? 0))
    writer.write(vital?.position ?? 0)
    writer.writeRaw(vital?.payload ?? [])
    return CheckedBlock.seal(writer.bytes, size: Self.size)
  }

  /// Reads the header block of the file `file`.
  init(decoding block: [UInt8], file: String) throws(StorageError) {
    try CheckedBlock.check(
      block,
      size: Self.size,
      magic: Self.magic,
      version: Self.version,
      file: file
    )
    var reader = ByteReader(block, 12..<Self.size - 4)
    do {
      segmentSize = Int(try reader.read(UInt32.self))
      identity = try reader.readRaw(Self.identitySize)
      number = try reader.read()
      firstPosition = try reader.read()
      previousChecksum = try reader.read()
      let length = try reader.readCount(max: JournalOptions.vitalSizeMax)
      let position = try reader.read(UInt64.self)
      let payload = try reader.readRaw(length)
      vital = position == 0 ? nil : JournalVital(position: position, payload: payload)
    } catch {
      throw .corrupt(file: file, offset: 0, what: "the segment's header says \(error)")
    }
    // Far from where counting on would overflow.
    guard firstPosition > 0, firstPosition < 1 << 62 else {
      throw .corrupt(file: file, offset: 56, what: "no segment begins with that position")
    }
  }
}
