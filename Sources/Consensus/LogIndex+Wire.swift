package import Wire

extension LogIndex: WireCodable {
  /// Writes 8 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(rawValue)
  }

  /// Reads 8 bytes.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.read())
  }
}
