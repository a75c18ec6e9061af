package import Wire

extension Query: WireCodable {
  /// Writes version, principal, the number of the question and its fields.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.version)
    writer.write(principal)
    question.encode(into: &writer)
  }

  /// Reads a query; one of a newer version throws `unsupportedVersion`.
  package init(from reader: inout ByteReader) throws(WireError) {
    try self.init(from: &reader, knowing: nil)
  }

  /// Reads a query, sooner if it names the place that is known.
  package init(from reader: inout ByteReader, knowing known: KnownPlace?) throws(WireError) {
    let version = try reader.read(UInt16.self)
    guard version == Self.version else {
      throw .unsupportedVersion(version, what: "query")
    }
    self.init(principal: try reader.read(), try Question(from: &reader, knowing: known))
  }
}

extension Query {
  /// Where the question's number stands: behind version and principal.
  private static let numberPlace = MemoryLayout<UInt16>.size + MemoryLayout<UInt64>.size

  /// Whether a query in bytes begins a scan, without decoding anything else.
  package static func beginsScan(encoded bytes: [UInt8]) -> Bool {
    bytes.count > numberPlace && [2, 9, 10].contains(bytes[numberPlace])
  }

  /// The cursor that a query in bytes goes on with or closes, without decoding anything else; 0 if
  /// there is none.
  package static func cursor(ofEncoded bytes: [UInt8]) -> UInt64 {
    guard bytes.count == numberPlace + 1 + MemoryLayout<UInt64>.size,
      [3, 4].contains(bytes[numberPlace])
    else { return 0 }
    return bytes[(numberPlace + 1)...].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension Query.Question: WireCodable {
  /// Writes the question's number and fields.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .get(let place, let key), .kvGet(let place, let key):
      writer.write(number)
      writer.write(place)
      writer.writeKey(key)
    case .scan(let place, let range, let window), .kvRange(let place, let range, let window):
      writer.write(number)
      writer.write(place)
      writer.write(range)
      writer.write(window)
    case .next(let cursor), .closeCursor(let cursor):
      writer.write(number)
      writer.write(cursor)
    case .count(let place, let range):
      writer.write(number)
      writer.write(place)
      writer.write(range)
    case .listCollections(let database):
      writer.write(number)
      writer.writeText(database, cutAt: Int(UInt16.max))
    case .listDatabases, .image:
      writer.write(number)
    }
  }

  /// Reads a question.
  package init(from reader: inout ByteReader) throws(WireError) {
    try self.init(from: &reader, knowing: nil)
  }

  fileprivate init(from reader: inout ByteReader, knowing known: KnownPlace?) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .get(try reader.readPlace(knowing: known), id: try reader.readKey())
    case 2: self = .scan(try reader.read(), try reader.read(), try reader.read())
    case 3: self = .next(cursor: try reader.read())
    case 4: self = .closeCursor(try reader.read())
    case 5: self = .count(try reader.read(), try reader.read())
    case 6: self = .listCollections(database: try reader.readText(max: Int(UInt16.max)))
    case 7: self = .listDatabases
    case 8: self = .kvGet(try reader.readPlace(knowing: known), key: try reader.readKey())
    case 9: self = .kvRange(try reader.read(), try reader.read(), try reader.read())
    case 10: self = .image
    default: throw .badValue("query", offset: offset)
    }
  }

  private var number: UInt8 {
    switch self {
    case .get: 1
    case .scan: 2
    case .next: 3
    case .closeCursor: 4
    case .count: 5
    case .listCollections: 6
    case .listDatabases: 7
    case .kvGet: 8
    case .kvRange: 9
    case .image: 10
    }
  }
}
