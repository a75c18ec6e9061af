import Wire

/// The end of a journal as far as its next record depends on it, and the record's bytes.
struct RecordWriter: Sendable {
  /// The checksum of the journal's identity, with which every record's checksum begins.
  let seed: UInt32
  /// The number of the segment that is written to.
  var segment: UInt64
  /// The position of the last data or vital record.
  var position: UInt64
  /// The checksum of the last record of any kind.
  var previousChecksum: UInt32
  /// The position known to be synced.
  var durableThrough: UInt64

  /// Writes one record and steps behind it.
  mutating func write(_ kind: RecordKind, _ payload: [UInt8], into writer: inout ByteWriter) {
    let start = writer.count
    position += kind.advances ? 1 : 0
    // Two fields at a time: the checksum, still zero, and the previous one; length and kind.
    writer.write(UInt64(previousChecksum) << 32)
    writer.write(UInt64(UInt32(payload.count)) | UInt64(kind.rawValue) << 32)
    writer.write(position)
    writer.write(segment)
    writer.write(durableThrough)
    writer.writeRaw(payload)
    while writer.count % 8 != 0 { writer.write(UInt8(0)) }
    previousChecksum = CRC32C.checksum(writer.storage, start + 4..<writer.count, continuing: seed)
    writer.overwrite(previousChecksum, at: start)
  }

  /// Writes a vital record, its padding and its echo.
  mutating func writeVital(_ payload: [UInt8], into writer: inout ByteWriter) {
    write(.vital, payload, into: &writer)
    write(.padding, RecordFrame.paddingPayload, into: &writer)
    write(.echo, payload, into: &writer)
  }

  /// The seal that belongs behind the last record, and its checksum.
  func seal() -> (bytes: [UInt8], checksum: UInt32) {
    var end = self
    end.durableThrough = position
    var writer = ByteWriter(capacity: RecordFrame.headerSize)
    end.write(.seal, [], into: &writer)
    return (writer.bytes, end.previousChecksum)
  }
}
