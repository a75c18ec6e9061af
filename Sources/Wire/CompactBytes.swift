/// Bytes that need no memory of their own as long as there are at most fifteen.
///
/// Most replies to writes are so short, and each is kept for a while on every node: an array costs
/// 450 instructions from making to freeing (docs/decisions/0021-hot-path.md).
package struct CompactBytes: Hashable, Sendable {
  /// Fifteen or fewer are always `short`, so that equal bytes are equally stored.
  fileprivate enum Storage: Hashable {
    /// The first eight, lowest first; the others, and the count in the highest byte.
    case short(UInt64, UInt64)
    case long([UInt8])
  }

  /// The most bytes that need no memory.
  static let shortCountMax = 15

  fileprivate let storage: Storage

  /// The same bytes as those of an array.
  package init(_ bytes: [UInt8]) {
    storage = bytes.count > Self.shortCountMax ? .long(bytes) : Self.short(bytes, bytes.count)
  }

  /// What a writer has written.
  package init(written writer: ByteWriter) {
    let count = writer.count
    storage =
      count > Self.shortCountMax
      ? .long(Array(writer.storage[..<count])) : Self.short(writer.storage, count)
  }

  /// How many bytes there are.
  package var count: Int {
    switch storage {
    case .short(_, let rest): Int(rest >> 56)
    case .long(let bytes): bytes.count
    }
  }

  /// The bytes in an array.
  package var array: [UInt8] {
    switch storage {
    case .short(let first, let rest):
      (0..<count).map { index in
        UInt8(truncatingIfNeeded: (index < 8 ? first : rest) >> UInt64(8 * (index % 8)))
      }
    case .long(let bytes): bytes
    }
  }

  private static func short(_ bytes: [UInt8], _ count: Int) -> Storage {
    // `head` puts the first byte highest.
    let first = Bytes.head(of: bytes, 0..<min(count, 8)).byteSwapped
    let rest = Bytes.head(of: bytes, min(count, 8)..<count).byteSwapped
    return .short(first, rest | UInt64(count) << 56)
  }
}

extension CompactBytes: ExpressibleByArrayLiteral {
  /// The bytes written out.
  package init(arrayLiteral elements: UInt8...) {
    self.init(elements)
  }
}

extension ByteWriter {
  /// Writes compact bytes as they are, without a length.
  package mutating func writeRaw(_ raw: CompactBytes) {
    switch raw.storage {
    case .short(let first, let rest):
      write(first)
      write(rest)
      // What was written too much is written over by what comes next.
      cut(to: count - 16 + raw.count)
    case .long(let bytes): writeRaw(bytes)
    }
  }

  /// Writes compact bytes behind their 32-bit length.
  package mutating func writeBlob(_ blob: CompactBytes) {
    write(UInt32(blob.count))
    writeRaw(blob)
  }
}

extension CRC32C {
  /// The checksum of compact bytes.
  package static func checksum(_ bytes: CompactBytes) -> UInt32 {
    switch bytes.storage {
    case .short(let first, let rest): checksum(first, rest, count: bytes.count)
    case .long(let bytes): checksum(bytes)
    }
  }
}
