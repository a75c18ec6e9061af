import Wire

/// A part of a snapshot file behind its header: a piece of the state, or the trailer.
///
///     offset  size
///          0     4  CRC-32C over the header's checksum and all that follows
///          4     4  length of the payload
///          8     8  the chunk's offset in the file
///         16     4  how many chunks stand before it
///         20     1  kind, then three zeros
///         24        payload, zeros up to a multiple of 8
struct SnapshotChunk: Equatable, Sendable {
  enum Kind: UInt8 {
    case piece = 1
    case trailer = 2
  }

  let kind: Kind
  /// How many chunks stand before it.
  let number: Int
  let payload: [UInt8]

  static let headSize = 24
  static let sizeMax = size(payloadSize: SnapshotFile.pieceSizeMax)

  static func size(payloadSize: Int) -> Int { (headSize + payloadSize + 7) & ~7 }

  /// The chunk's bytes for its place in the file.
  func encoded(at offset: Int, seed: UInt32) -> [UInt8] {
    let size = Self.size(payloadSize: payload.count)
    var writer = ByteWriter(capacity: size)
    writer.write(UInt32(0))
    writer.write(UInt32(payload.count))
    writer.write(UInt64(offset))
    writer.write(UInt32(number))
    writer.write(UInt32(kind.rawValue))
    writer.writeRaw(payload)
    while writer.count < size { writer.write(UInt8(0)) }
    let checksum = CRC32C.checksum(writer.storage, 4..<size, continuing: seed)
    writer.overwrite(checksum, at: 0)
    return writer.finish()
  }

  /// The size of the chunk whose first bytes these are; nil if no chunk has that size.
  static func size(statedIn bytes: [UInt8]) -> Int? {
    guard bytes.count >= headSize else { return nil }
    let length = bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    return length <= SnapshotFile.pieceSizeMax ? size(payloadSize: length) : nil
  }
}

extension SnapshotChunk {
  /// Reads the whole chunk that `bytes` are said to be; nil if they are anything else.
  init?(decoding bytes: [UInt8], at offset: Int, seed: UInt32) {
    guard Self.size(statedIn: bytes) == bytes.count else { return nil }
    var reader = ByteReader(bytes)
    do {
      let checksum = try reader.read(UInt32.self)
      guard checksum == CRC32C.checksum(bytes, 4..<bytes.count, continuing: seed) else {
        return nil
      }
      let length = Int(try reader.read(UInt32.self))
      guard try reader.read(UInt64.self) == UInt64(offset) else { return nil }
      number = Int(try reader.read(UInt32.self))
      guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: try reader.read(UInt32.self)))
      else { return nil }
      self.kind = kind
      payload = try reader.readRaw(length)
    } catch {
      return nil
    }
  }
}

/// The last chunk's payload: what the whole file must come to.
struct SnapshotTrailer: Equatable, Sendable {
  /// The pieces before it.
  let pieces: UInt64
  /// The file's size, the trailer included.
  let size: UInt64
  /// The digest over everything before the trailer.
  let digest: UInt64

  static let payloadSize = 24

  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: Self.payloadSize)
    writer.write(pieces)
    writer.write(size)
    writer.write(digest)
    return writer.bytes
  }
}
