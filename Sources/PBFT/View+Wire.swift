package import Wire

extension View: WireCodable {
  /// Writes 8 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(rawValue)
  }

  /// Reads a view up to 2^62.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.readNumber("view"))
  }
}

extension SequenceNumber: WireCodable {
  /// Writes 8 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(rawValue)
  }

  /// Reads a sequence number up to 2^62.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.readNumber("sequence number"))
  }
}

extension ReplicaNumber: WireCodable {
  /// The most replicas there are.
  package static let countMax = 7

  /// Writes 1 byte.
  package func encode(into writer: inout ByteWriter) {
    writer.write(rawValue)
  }

  /// Reads the number of one of at most 7 replicas.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let number = try reader.read(UInt8.self)
    guard number < Self.countMax else { throw .badValue("replica number", offset: offset) }
    self.init(number)
  }
}

extension BlockPlace: WireCodable {
  /// Writes view and sequence number.
  package func encode(into writer: inout ByteWriter) {
    writer.write(view)
    writer.write(sequenceNumber)
  }

  /// Reads a place.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(try reader.read(), try reader.read())
  }
}

extension ByteReader {
  /// Above any number that honest counting reaches; sums with it cannot overflow.
  private static let numberMax: UInt64 = 1 << 62

  mutating func readNumber(_ what: String) throws(WireError) -> UInt64 {
    let offset = offset
    let number = try read(UInt64.self)
    guard number <= Self.numberMax else { throw .badValue(what, offset: offset) }
    return number
  }

  /// Reads a value that may be missing, behind a truth value.
  mutating func readOptional<Value: WireCodable>(
    _ type: Value.Type = Value.self
  ) throws(WireError) -> Value? {
    try readBool() ? try read(Value.self) : nil
  }
}

extension ByteWriter {
  mutating func writeOptional<Value: WireCodable>(_ value: Value?) {
    write(value != nil)
    if let value { write(value) }
  }
}
