package import Wire

extension Command: WireCodable {
  /// Writes version, principal, operation, place and fields.
  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.version)
    writer.write(principal)
    writer.write(operation.number)
    writer.write(place)
    operation.encodeFields(into: &writer)
  }

  /// Reads a command; one of a newer version throws `unsupportedVersion`.
  package init(from reader: inout ByteReader) throws(WireError) {
    try self.init(from: &reader, knowing: nil)
  }

  /// Reads a command, sooner if it names the place that is known.
  package init(from reader: inout ByteReader, knowing known: KnownPlace?) throws(WireError) {
    let version = try reader.read(UInt16.self)
    guard version == Self.version else {
      throw .unsupportedVersion(version, what: "command")
    }
    let principal = try reader.read(UInt64.self)
    let offset = reader.offset
    let number = try reader.read(UInt8.self)
    let place = try reader.readPlace(knowing: known)
    guard let operation = try Operation(number: number, from: &reader) else {
      throw .badValue("command", offset: offset)
    }
    self.init(principal: principal, place: place, operation: operation)
  }
}

extension Command.Operation {
  static let kvPutNumber: UInt8 = 16

  fileprivate var number: UInt8 {
    switch self {
    case .createCollection: 1
    case .dropCollection: 2
    case .insert: 3
    case .put: 4
    case .replace: 5
    case .delete: 6
    case .kvPut: Self.kvPutNumber
    case .kvPutIf: 17
    case .kvDelete: 18
    case .kvIncrement: 19
    }
  }

  fileprivate func encodeFields(into writer: inout ByteWriter) {
    switch self {
    case .createCollection, .dropCollection:
      break
    case .insert(let id, let document):
      writer.writeKey(id ?? [])
      writer.writeBlob(document)
    case .put(let key, let value), .kvPut(let key, let value):
      writer.writeKey(key)
      writer.writeBlob(value)
    case .replace(let id, let document, let revision):
      writer.writeKey(id)
      writer.write(revision)
      writer.writeBlob(document)
    case .delete(let key, let revision), .kvDelete(let key, let revision):
      writer.writeKey(key)
      writer.write(revision)
    case .kvPutIf(let key, let value, let revision):
      writer.writeKey(key)
      writer.writeBlob(value)
      writer.write(revision)
    case .kvIncrement(let key, let amount):
      writer.writeKey(key)
      writer.write(amount)
    }
  }

  /// Reads the fields of an operation; nil if the number stands for none.
  fileprivate init?(number: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch number {
    case 1: self = .createCollection
    case 2: self = .dropCollection
    case 3: self = .insert(id: try reader.readOptionalKey(), document: try reader.readDocument())
    case 4: self = .put(id: try reader.readKey(), document: try reader.readDocument())
    case 5:
      let id = try reader.readKey()
      let revision = try reader.read(UInt64.self)
      self = .replace(id: id, document: try reader.readDocument(), ifRevision: revision)
    case 6: self = .delete(id: try reader.readKey(), ifRevision: try reader.read())
    case Self.kvPutNumber:
      self = .kvPut(key: try reader.readKey(), value: try reader.readDocument())
    case 17:
      self = .kvPutIf(
        key: try reader.readKey(),
        value: try reader.readDocument(),
        expectedRevision: try reader.read()
      )
    case 18: self = .kvDelete(key: try reader.readKey(), ifRevision: try reader.read())
    case 19: self = .kvIncrement(key: try reader.readKey(), by: try reader.read())
    default: return nil
    }
  }
}
