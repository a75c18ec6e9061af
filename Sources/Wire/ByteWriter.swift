/// Appends values to a growing array of bytes, little-endian, without padding.
package struct ByteWriter: Sendable {
  /// Everything written so far.
  package var bytes: [UInt8]

  /// An empty writer with room for `capacity` bytes before it has to grow.
  @inlinable
  package init(capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// A writer that goes on behind bytes that exist already.
  @inlinable
  package init(continuing bytes: consuming [UInt8]) {
    self.bytes = bytes
  }

  /// The number of bytes written so far.
  @inlinable
  package var count: Int { bytes.count }

  /// Writes one byte.
  package mutating func write(_ value: UInt8) {
    bytes.append(value)
  }

  /// Writes two bytes, the low one first.
  package mutating func write(_ value: UInt16) {
    store(value.littleEndian)
  }

  /// Writes four bytes, the lowest first.
  package mutating func write(_ value: UInt32) {
    store(value.littleEndian)
  }

  /// Writes eight bytes, the lowest first.
  package mutating func write(_ value: UInt64) {
    store(value.littleEndian)
  }

  /// Writes eight bytes of two's complement, the lowest first.
  package mutating func write(_ value: Int64) {
    store(value.littleEndian)
  }

  private mutating func store<Value: FixedWidthInteger>(_ value: Value) {
    // The pointer lives only in this closure and covers exactly the value's bytes.
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes a truth value as one byte, 0 or 1.
  @inlinable
  package mutating func write(_ value: Bool) {
    bytes.append(value ? 1 : 0)
  }

  /// Writes bytes as they are, without a length.
  @inlinable
  package mutating func writeRaw(_ raw: [UInt8]) {
    bytes.append(contentsOf: raw)
  }

  /// Writes a slice of bytes as they are, without a length.
  @inlinable
  package mutating func writeRaw(_ raw: ArraySlice<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Writes bytes behind their 32-bit length.
  @inlinable
  package mutating func writeBlob(_ blob: [UInt8]) {
    write(UInt32(blob.count))
    bytes.append(contentsOf: blob)
  }

  /// Writes text as UTF-8 behind its 16-bit length; it is at most 65,535 bytes.
  package mutating func writeText(_ text: String) {
    write(UInt16(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Writes a value by its own codec.
  @inlinable
  package mutating func write<Value: WireCodable>(_ value: Value) {
    value.encode(into: &self)
  }

  /// Puts a byte over one written before, as for a count known only afterwards.
  package mutating func overwrite(_ value: UInt8, at offset: Int) {
    bytes[offset] = value
  }

  /// Puts two bytes over those written before.
  package mutating func overwrite(_ value: UInt16, at offset: Int) {
    overwrite(UInt64(value), size: 2, at: offset)
  }

  /// Puts four bytes over those written before, as for a length known only afterwards.
  package mutating func overwrite(_ value: UInt32, at offset: Int) {
    overwrite(UInt64(value), size: 4, at: offset)
  }

  /// Puts eight bytes over those written before.
  package mutating func overwrite(_ value: UInt64, at offset: Int) {
    overwrite(value, size: 8, at: offset)
  }

  private mutating func overwrite(_ value: UInt64, size: Int, at offset: Int) {
    for position in 0..<size {
      bytes[offset + position] = UInt8(truncatingIfNeeded: value >> UInt64(8 * position))
    }
  }
}
