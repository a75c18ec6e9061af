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

extension ClusterID: WireCodable {
  /// Writes 16 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(high)
    writer.write(low)
  }

  /// Reads 16 bytes.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(high: try reader.read(), low: try reader.read())
  }
}

extension Term: WireCodable {
  /// Writes 8 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(rawValue)
  }

  /// Reads 8 bytes.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.read())
  }
}

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
