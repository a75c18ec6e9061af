import Wire

/// What kind of record stands in a segment.
enum RecordKind: UInt8 {
  case data = 1
  case vital = 2
  case padding = 3
  case echo = 4
  case seal = 5

  /// Whether the record takes a position of its own.
  var advances: Bool { self == .data || self == .vital }
}

/// A whole record found in a segment's bytes: known kind, right segment, right checksum.
///
///     offset  size
///          0     4  CRC-32C over the journal's identity and all that follows
///          4     4  the checksum of the record before
///          8     4  length of the payload
///         12     1  kind, then three zeros
///         16     8  position
///         24     8  segment number
///         32     8  durableThrough
///         40        payload, zeros up to a multiple of 8
struct RecordFrame: Equatable {
  let checksum: UInt32
  let previousChecksum: UInt32
  let kind: RecordKind
  let position: UInt64
  let durableThrough: UInt64
  /// Where the payload lies in the segment.
  let payload: Range<Int>
  /// The offset behind the record.
  let end: Int

  static let headerSize = 40
  /// A padding record keeps the two copies of a vital one out of the same 4 KiB.
  static let paddingSize = 4096
  static let paddingPayload = [UInt8](repeating: 0, count: paddingSize - headerSize)

  /// The bytes that a record with so large a payload takes.
  static func size(payloadSize: Int) -> Int {
    (headerSize + payloadSize + 7) & ~7
  }

  /// Reads the record at `offset`; nil if no whole record of this segment and journal stands there.
  init?(in bytes: [UInt8], at offset: Int, segment: UInt64, seed: UInt32) {
    // The cheap tests come first: recovery asks at every multiple of 8.
    guard offset + Self.headerSize <= bytes.count,
      bytes[offset + 24] == UInt8(truncatingIfNeeded: segment),
      let kind = RecordKind(rawValue: bytes[offset + 12])
    else { return nil }
    var reader = ByteReader(bytes, offset..<bytes.count)
    do {
      checksum = try reader.read()
      previousChecksum = try reader.read()
      let length = Int(try reader.read(UInt32.self))
      guard try reader.read(UInt32.self) == UInt32(kind.rawValue) else { return nil }
      position = try reader.read()
      guard try reader.read(UInt64.self) == segment else { return nil }
      durableThrough = try reader.read()
      payload = reader.offset..<reader.offset + length
      end = offset + Self.size(payloadSize: length)
    } catch {
      return nil
    }
    self.kind = kind
    guard end <= bytes.count,
      CRC32C.checksum(bytes, offset + 4..<end, continuing: seed) == checksum
    else { return nil }
  }
}
