/// Reads values from a range of bytes, never past its end.
///
/// Every call either returns a whole value or throws and says at which offset it stopped;
/// no length is believed before it is compared with what is left and with the caller's limit.
@usableFromInline
package struct ByteReader: Sendable {
  /// The array that is read from; it lives as long as the reader does.
  @usableFromInline
  package let bytes: [UInt8]

  /// The offset of the next byte, counted from the start of `bytes`.
  @usableFromInline
  package internal(set) var offset: Int

  /// The offset behind the last byte that may be read.
  @usableFromInline
  package let end: Int

  /// Reads a whole array.
  @inlinable
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// Reads a part of an array, within which the range lies.
  @inlinable
  package init(_ bytes: [UInt8], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range within bytes")
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Reads shared bytes; offsets count from the start of the array that holds them.
  @inlinable
  package init(_ bytes: Bytes) {
    self.init(bytes.storage, bytes.range)
  }

  /// The number of bytes not read yet.
  @inlinable
  package var remaining: Int { end - offset }

  /// Reads one byte.
  @inlinable
  package mutating func read(_ type: UInt8.Type = UInt8.self) throws(WireError) -> UInt8 {
    bytes[try take(1)]
  }

  /// Reads two bytes, the low one first.
  @inlinable
  package mutating func read(_ type: UInt16.Type = UInt16.self) throws(WireError) -> UInt16 {
    UInt16(littleEndian: load(try take(2)))
  }

  /// Reads four bytes, the lowest first.
  @inlinable
  package mutating func read(_ type: UInt32.Type = UInt32.self) throws(WireError) -> UInt32 {
    UInt32(littleEndian: load(try take(4)))
  }

  /// Reads eight bytes, the lowest first.
  @inlinable
  package mutating func read(_ type: UInt64.Type = UInt64.self) throws(WireError) -> UInt64 {
    UInt64(littleEndian: load(try take(8)))
  }

  /// Reads eight bytes of two's complement, the lowest first.
  @inlinable
  package mutating func read(_ type: Int64.Type = Int64.self) throws(WireError) -> Int64 {
    Int64(littleEndian: load(try take(8)))
  }

  /// The caller has claimed the value's bytes with `take`, which checked that they are there.
  @inlinable
  func load<Value: FixedWidthInteger>(_ start: Int) -> Value {
    unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: start, as: Value.self)
    }
  }

  /// Reads a truth value; any byte but 0 and 1 is refused.
  @inlinable
  package mutating func readBool() throws(WireError) -> Bool {
    let at = offset
    switch try read(UInt8.self) {
    case 0: return false
    case 1: return true
    default: throw .badValue("truth value", offset: at)
    }
  }

  /// Reads `count` bytes as they are.
  package mutating func readRaw(_ count: Int) throws(WireError) -> [UInt8] {
    let start = try take(count)
    return Array(bytes[start..<start + count])
  }

  /// Reads bytes behind their 32-bit length, refusing more than `limit` before allocating.
  package mutating func readBlob(max limit: Int) throws(WireError) -> [UInt8] {
    let at = offset
    let count = Int(try read(UInt32.self))
    guard count <= limit else {
      throw .tooLarge("blob", size: count, limit: limit, offset: at)
    }
    return try readRaw(count)
  }

  /// Takes the next `count` bytes without a copy: they go on living in the array that is read.
  @inlinable
  package mutating func share(_ count: Int) throws(WireError) -> Bytes {
    let start = try take(count)
    return Bytes(bytes, start..<start + count)
  }

  /// Takes bytes behind their 32-bit length without a copy, refusing more than `limit`.
  package mutating func shareBlob(max limit: Int) throws(WireError) -> Bytes {
    let at = offset
    let count = Int(try read(UInt32.self))
    guard count <= limit else {
      throw .tooLarge("blob", size: count, limit: limit, offset: at)
    }
    return try share(count)
  }

  /// Reads UTF-8 text behind its 16-bit length, refusing more than `limit` bytes.
  package mutating func readText(max limit: Int) throws(WireError) -> String {
    let at = offset
    let count = Int(try read(UInt16.self))
    guard count <= limit else {
      throw .tooLarge("text", size: count, limit: limit, offset: at)
    }
    let start = try take(count)
    guard let text = text(in: start..<start + count) else {
      throw .badValue("UTF-8 text", offset: at)
    }
    return text
  }

  /// The text at a range that `take` has claimed; nil if it is no UTF-8.
  ///
  /// Names are nearly always ASCII, and of that every byte is valid: 15 ns instead of 95.
  private func text(in range: Range<Int>) -> String? {
    var union: UInt8 = 0
    for position in range { union |= bytes[position] }
    guard union < 0x80 else { return String(validating: bytes[range], as: UTF8.self) }
    // Exactly `range.count` bytes are written, and as many were asked for.
    return unsafe String(unsafeUninitializedCapacity: range.count) { buffer in
      for index in 0..<range.count { unsafe buffer[index] = bytes[range.lowerBound + index] }
      return range.count
    }
  }

  /// Reads a value by its own codec.
  @inlinable
  package mutating func read<Value: WireCodable>(
    _ type: Value.Type = Value.self
  ) throws(WireError) -> Value {
    try Value(from: &self)
  }

  /// Reads a 16- or 32-bit count and refuses one above `limit`.
  package mutating func readCount(max limit: Int) throws(WireError) -> Int {
    let at = offset
    let count = Int(try read(UInt32.self))
    guard count <= limit else {
      throw .tooLarge("count", size: count, limit: limit, offset: at)
    }
    return count
  }

  /// Goes over `count` bytes without looking at them.
  @inlinable
  package mutating func skip(_ count: Int) throws(WireError) {
    _ = try take(count)
  }

  /// Goes over these bytes if they come next.
  package mutating func skip(ifNext expected: [UInt8]) -> Bool {
    guard expected.count <= remaining else { return false }
    var position = 0
    while position + 8 <= expected.count {
      guard Self.word(of: bytes, at: offset + position) == Self.word(of: expected, at: position)
      else { return false }
      position += 8
    }
    while position < expected.count {
      guard bytes[offset + position] == expected[position] else { return false }
      position += 1
    }
    offset += expected.count
    return true
  }

  /// The caller has made sure that eight bytes follow `start`.
  private static func word(of bytes: [UInt8], at start: Int) -> UInt64 {
    unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    }
  }

  /// Refuses bytes that nobody asked for.
  @inlinable
  package func expectEnd() throws(WireError) {
    guard offset == end else { throw .trailingBytes(count: end - offset, offset: offset) }
  }

  /// Claims the next `count` bytes and returns the offset of the first.
  @inlinable
  mutating func take(_ count: Int) throws(WireError) -> Int {
    guard count >= 0, count <= end - offset else {
      throw .truncated(needed: count, remaining: end - offset, offset: offset)
    }
    let start = offset
    offset += count
    return start
  }
}
