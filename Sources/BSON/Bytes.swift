/// The bytes of BSON: little-endian numbers, and text that must be UTF-8.
typealias Bytes = [UInt8]

extension Bytes {
  @inline(__always)
  func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(self[offset]) | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2]) << 16
      | UInt32(self[offset + 3]) << 24
  }

  @inline(__always)
  func littleEndian64(at offset: Int) -> UInt64 {
    UInt64(littleEndian32(at: offset)) | UInt64(littleEndian32(at: offset + 4)) << 32
  }

  @inline(__always)
  mutating func appendLittleEndian(_ value: UInt32) {
    append(UInt8(truncatingIfNeeded: value))
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value >> 16))
    append(UInt8(truncatingIfNeeded: value >> 24))
  }

  @inline(__always)
  mutating func appendLittleEndian(_ value: UInt64) {
    appendLittleEndian(UInt32(truncatingIfNeeded: value))
    appendLittleEndian(UInt32(truncatingIfNeeded: value >> 32))
  }

  @inline(__always)
  mutating func setLittleEndian(_ value: UInt32, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value)
    self[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    self[offset + 2] = UInt8(truncatingIfNeeded: value >> 16)
    self[offset + 3] = UInt8(truncatingIfNeeded: value >> 24)
  }

  mutating func appendBigEndian(_ value: some FixedWidthInteger & UnsignedInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Whether two stretches of bytes hold the same.
  @inline(__always)
  func isSame(_ first: Range<Int>, as second: Range<Int>) -> Bool {
    guard first.count == second.count else { return false }
    for step in 0..<first.count
    where self[first.lowerBound + step] != self[second.lowerBound + step] {
      return false
    }
    return true
  }

  /// Whether a stretch of bytes holds the same as others do.
  @inline(__always)
  func isSame(_ range: Range<Int>, as other: Span<UInt8>) -> Bool {
    guard range.count == other.count else { return false }
    for step in 0..<range.count where self[range.lowerBound + step] != other[step] {
      return false
    }
    return true
  }

  func isUTF8(in range: Range<Int>) -> Bool {
    for index in range where self[index] >= 0x80 {
      do {
        _ = try UTF8Span(validating: span.extracting(index..<range.upperBound))
        return true
      } catch {
        return false
      }
    }
    return true
  }

  func string(in range: Range<Int>) -> String {
    String(decoding: self[range], as: UTF8.self)
  }
}
