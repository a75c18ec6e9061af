/// A value with one fixed form in bytes, described in `docs/formats/`.
@usableFromInline
package protocol WireCodable {
  /// Writes the value.
  func encode(into writer: inout ByteWriter)

  /// Reads a value, or throws without having trusted any length it found.
  init(from reader: inout ByteReader) throws(WireError)
}

extension WireCodable {
  /// The value's bytes by themselves, sooner if about so many are expected.
  package func encoded(expectedSize: Int = 0) -> [UInt8] {
    var writer = ByteWriter(capacity: expectedSize)
    encode(into: &writer)
    return writer.finish()
  }

  /// Reads a value that must fill the bytes to their end.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.expectEnd()
  }
}
