/// A 12-byte identifier, the id of documents that come without one.
package struct ObjectID: Hashable, Sendable {
  /// The first eight bytes, most significant first.
  package let high: UInt64
  /// The last four bytes, most significant first.
  package let low: UInt32

  /// Puts an identifier together from its two parts.
  package init(high: UInt64, low: UInt32) {
    self.high = high
    self.low = low
  }

  /// Reads 24 hexadecimal digits; nil if the text is anything else.
  package init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.decode(Array(text.utf8)), bytes.count == 12 else { return nil }
    self.init(bytes: bytes, at: 0)
  }

  /// Reads the twelve bytes at an offset; the caller has checked that they are there.
  init(bytes: [UInt8], at offset: Int) {
    var high: UInt64 = 0
    for index in offset..<offset + 8 {
      high = high << 8 | UInt64(bytes[index])
    }
    var low: UInt32 = 0
    for index in offset + 8..<offset + 12 {
      low = low << 8 | UInt32(bytes[index])
    }
    self.init(high: high, low: low)
  }

  /// The twelve bytes, in the order in which BSON stores and compares them.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(12)
    append(to: &bytes)
    return bytes
  }

  /// The identifier as 24 lower-case hexadecimal digits.
  package var hexadecimal: String {
    String(decoding: Hexadecimal.encode(bytes), as: UTF8.self)
  }

  func append(to bytes: inout [UInt8]) {
    bytes.appendBigEndian(high)
    bytes.appendBigEndian(low)
  }
}
