/// Appends values to a growing array of bytes, little-endian, without padding.
///
/// The array is mostly longer than what is written, so that a number is stored by one move and
/// not by an append: 15 instructions instead of 120 (docs/decisions/0021-hot-path.md).
@usableFromInline
package struct ByteWriter: Sendable {
  /// What was written, in the first `count` bytes, and room for more.
  @usableFromInline
  package internal(set) var storage: [UInt8]

  /// The number of bytes written so far.
  @usableFromInline
  package internal(set) var count: Int

  /// An empty writer with room for `capacity` bytes before it has to grow.
  package init(capacity: Int = 0) {
    // The part lies within the zeros and lives only in this closure.
    storage = unsafe Self.zeros.withUnsafeBufferPointer {
      unsafe Array(UnsafeBufferPointer(rebasing: $0.prefix(capacity)))
    }
    count = 0
    if capacity > storage.count { extendStorage(to: capacity) }
  }

  /// A writer that goes on behind bytes that exist already.
  @inlinable
  package init(continuing bytes: consuming [UInt8]) {
    count = bytes.count
    storage = bytes
  }

  /// Everything written so far; a copy, unless the writer was made for exactly so many bytes.
  package var bytes: [UInt8] {
    count == storage.count ? storage : Array(storage[..<count])
  }

  /// Everything written, without a copy; the writer ends with it.
  package consuming func finish() -> [UInt8] {
    if count < storage.count { storage.removeLast(storage.count - count) }
    return storage
  }

  /// Begins anew in the same memory.
  @inlinable
  package mutating func removeAll() {
    count = 0
  }

  /// Takes back what was written last.
  mutating func cut(to count: Int) {
    precondition(count >= 0 && count <= self.count, "only what was written is taken back")
    self.count = count
  }

  /// Writes one byte.
  @inlinable
  package mutating func write(_ value: UInt8) {
    let start = claim(1)
    storage[start] = value
  }

  /// Writes two bytes, the low one first.
  @inlinable
  package mutating func write(_ value: UInt16) {
    store(value.littleEndian)
  }

  /// Writes four bytes, the lowest first.
  @inlinable
  package mutating func write(_ value: UInt32) {
    store(value.littleEndian)
  }

  /// Writes eight bytes, the lowest first.
  @inlinable
  package mutating func write(_ value: UInt64) {
    store(value.littleEndian)
  }

  /// Writes eight bytes of two's complement, the lowest first.
  @inlinable
  package mutating func write(_ value: Int64) {
    store(value.littleEndian)
  }

  /// Writes a truth value as one byte, 0 or 1.
  @inlinable
  package mutating func write(_ value: Bool) {
    write(UInt8(value ? 1 : 0))
  }

  /// Writes bytes as they are, without a length.
  package mutating func writeRaw(_ raw: [UInt8]) {
    writeRaw(raw[...])
  }

  /// Writes a slice of bytes as they are, without a length.
  package mutating func writeRaw(_ raw: ArraySlice<UInt8>) {
    // The pointer covers the slice and lives only in this closure.
    unsafe raw.withUnsafeBytes { unsafe copy($0) }
  }

  /// Writes shared bytes as they are, without a length.
  package mutating func writeRaw(_ raw: Bytes) {
    // The part is bounds-checked in this line and used only inside the closure.
    unsafe raw.storage.withUnsafeBytes {
      unsafe copy(UnsafeRawBufferPointer(rebasing: $0[raw.range]))
    }
  }

  /// Writes shared bytes behind their 32-bit length.
  package mutating func writeBlob(_ blob: Bytes) {
    write(UInt32(blob.count))
    writeRaw(blob)
  }

  /// Writes bytes behind their 32-bit length.
  package mutating func writeBlob(_ blob: [UInt8]) {
    write(UInt32(blob.count))
    writeRaw(blob[...])
  }

  /// Writes text as UTF-8 behind its 16-bit length; it is at most 65,535 bytes.
  package mutating func writeText(_ text: String) {
    var text = text
    // The pointer covers the text and lives only in this closure.
    text.withUTF8 { utf8 in
      write(UInt16(utf8.count))
      unsafe copy(UnsafeRawBufferPointer(utf8))
    }
  }

  /// Writes a value by its own codec.
  @inlinable
  package mutating func write<Value: WireCodable>(_ value: Value) {
    value.encode(into: &self)
  }

  /// Puts a byte over one written before, as for a count known only afterwards.
  package mutating func overwrite(_ value: UInt8, at offset: Int) {
    overwriteInteger(value, at: offset)
  }

  /// Puts two bytes over those written before.
  package mutating func overwrite(_ value: UInt16, at offset: Int) {
    overwriteInteger(value.littleEndian, at: offset)
  }

  /// Puts four bytes over those written before, as for a length known only afterwards.
  package mutating func overwrite(_ value: UInt32, at offset: Int) {
    overwriteInteger(value.littleEndian, at: offset)
  }

  /// Puts eight bytes over those written before.
  package mutating func overwrite(_ value: UInt64, at offset: Int) {
    overwriteInteger(value.littleEndian, at: offset)
  }

  private mutating func overwriteInteger<Value: FixedWidthInteger>(
    _ value: Value,
    at offset: Int
  ) {
    precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= count, "written before")
    put(value, at: offset)
  }

  @inlinable
  mutating func store<Value: FixedWidthInteger>(_ value: Value) {
    let start = claim(MemoryLayout<Value>.size)
    put(value, at: start)
  }

  @inlinable
  mutating func put<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    // The caller has made sure that the value's bytes lie within what is claimed.
    unsafe storage.withUnsafeMutableBytes {
      unsafe $0.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
  }

  private mutating func copy(_ source: UnsafeRawBufferPointer) {
    let start = claim(source.count)
    // `claim` made room for all of the source behind `start`.
    unsafe storage.withUnsafeMutableBytes {
      unsafe UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: source)
    }
  }

  /// Makes room for `size` bytes and returns the offset of the first.
  @inlinable
  mutating func claim(_ size: Int) -> Int {
    let start = count
    count += size
    if count > storage.count { grow() }
    return start
  }

  @usableFromInline
  mutating func grow() {
    extendStorage(to: max(2 * storage.count, count, 64))
  }

  /// Zeros come from an array: `Array(repeating:count:)` looks up its type at run time.
  private mutating func extendStorage(to size: Int) {
    storage.reserveCapacity(size)
    while storage.count < size {
      storage.append(contentsOf: Self.zeros.prefix(size - storage.count))
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 4_096)
}
