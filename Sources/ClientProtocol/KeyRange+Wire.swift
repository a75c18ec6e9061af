package import Wire

extension KeyRange: WireCodable {
  /// Writes the form of the range and its bounds.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .all:
      writer.write(UInt8(0))
    case .between(let lower, let upper):
      writer.write(UInt8(1))
      Self.write(lower, into: &writer)
      Self.write(upper, into: &writer)
    case .prefix(let prefix):
      writer.write(UInt8(2))
      writer.writeKey(prefix)
    }
  }

  /// Reads a range.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 0: self = .all
    case 1: self = .between(try Self.readBound(from: &reader), try Self.readBound(from: &reader))
    case 2: self = .prefix(try reader.readKey())
    default: throw .badValue("range", offset: offset)
    }
  }

  private static func write(_ bound: Bound?, into writer: inout ByteWriter) {
    guard let bound else { return writer.write(UInt8(0)) }
    writer.write(UInt8(bound.isIncluded ? 1 : 2))
    writer.writeKey(bound.key)
  }

  private static func readBound(from reader: inout ByteReader) throws(WireError) -> Bound? {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 0: return nil
    case 1: return Bound(try reader.readKey(), isIncluded: true)
    case 2: return Bound(try reader.readKey(), isIncluded: false)
    default: throw .badValue("bound", offset: offset)
    }
  }
}

extension ScanWindow: WireCodable {
  /// Writes direction, limit and page size.
  package func encode(into writer: inout ByteWriter) {
    writer.write(isReversed)
    writer.write(limit)
    writer.write(pageItems)
  }

  /// Reads a window.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      isReversed: try reader.readBool(),
      limit: try reader.read(),
      pageItems: try reader.read()
    )
  }
}
