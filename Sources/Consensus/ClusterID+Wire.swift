package import Wire

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
