/// A value with one fixed form in bytes, described in `docs/formats/`.
package protocol WireCodable {
  /// Writes the value.
  func encode(into writer: inout ByteWriter)

  /// Reads a value, or throws without having trusted any length it found.
  init(from reader: inout ByteReader) throws(WireError)
}

extension WireCodable {
  /// The value's bytes by themselves.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  /// Reads a value that must fill the bytes to their end.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.expectEnd()
  }
}
