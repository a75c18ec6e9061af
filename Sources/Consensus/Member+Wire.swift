package import Wire

extension Member: WireCodable {
  /// Writes the id (4 bytes) and the incarnation (8 bytes).
  package func encode(into writer: inout ByteWriter) {
    writer.write(id.rawValue)
    writer.write(incarnation.rawValue)
  }

  /// Reads a member.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      id: NodeID(try reader.read()),
      incarnation: Incarnation(try reader.read())
    )
  }
}
