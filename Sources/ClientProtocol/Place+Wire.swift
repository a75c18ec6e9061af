package import Wire

extension Place: WireCodable {
  /// Writes both names.
  package func encode(into writer: inout ByteWriter) {
    writer.writeText(database, cutAt: Int(UInt16.max))
    writer.writeText(collection, cutAt: Int(UInt16.max))
  }

  /// Reads both names; whether they are allowed is decided later, with a code of its own.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      database: try reader.readText(max: Int(UInt16.max)),
      collection: try reader.readText(max: Int(UInt16.max))
    )
  }
}
