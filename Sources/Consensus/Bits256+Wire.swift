package import Wire

extension Bits256: WireCodable {
  /// Writes the 32 bytes as they are.
  package func encode(into writer: inout ByteWriter) {
    writer.write(first.byteSwapped)
    writer.write(second.byteSwapped)
    writer.write(third.byteSwapped)
    writer.write(fourth.byteSwapped)
  }

  /// Reads 32 bytes.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      try reader.read(UInt64.self).byteSwapped,
      try reader.read(UInt64.self).byteSwapped,
      try reader.read(UInt64.self).byteSwapped,
      try reader.read(UInt64.self).byteSwapped
    )
  }
}

extension Digest: WireCodable {
  /// Writes 32 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(bits)
  }

  /// Reads 32 bytes.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(bits: try reader.read())
  }
}

extension PublicKey: WireCodable {
  /// Writes 32 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(bits)
  }

  /// Reads 32 bytes; whether they are a point of the curve is the verifier's question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(bits: try reader.read())
  }
}

extension Signature: WireCodable {
  /// Writes 64 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(first)
    writer.write(second)
  }

  /// Reads 64 bytes; whether they are a signature is the verifier's question.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(first: try reader.read(), second: try reader.read())
  }
}
