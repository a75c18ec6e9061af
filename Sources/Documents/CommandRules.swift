import BSON
import ClientProtocol
import Wire

/// What a command must satisfy, asked before it is proposed and again when it is applied.
///
/// A pure function of the command's bytes: every node gives the same answer.
struct CommandRules: Sendable {
  typealias Failure = CommandReply.Failure

  /// Reads a command and checks all that can be checked without the state.
  func check(_ bytes: [UInt8]) throws(Failure) -> Command {
    let command = try decode(bytes)
    try authorize(command.principal)
    try checkNames(command.place)
    switch command.operation {
    case .createCollection, .dropCollection: break
    case .insert(let id, let document):
      if let id { _ = try sortKey(ofID: id) }
      try checkDocument(document)
    case .put(let id, let document), .replace(let id, let document, _):
      _ = try sortKey(ofID: id)
      try checkDocument(document)
    case .delete(let id, _): _ = try sortKey(ofID: id)
    case .kvPut(let key, let value), .kvPutIf(let key, let value, _):
      try checkKey(key)
      try checkSize(value)
    case .kvDelete(let key, _), .kvIncrement(let key, _): try checkKey(key)
    }
    return command
  }

  /// The one place where permission is decided.
  ///
  /// This version knows one principal: anonymous.
  func authorize(_ principal: UInt64) throws(Failure) {
    guard principal == 0 else {
      throw Failure(.unauthorized, "principal \(principal) is not known to this version")
    }
  }

  /// Names are not empty, within their limits and free of control characters.
  func checkNames(_ place: Place) throws(Failure) {
    try checkDatabaseName(place.database)
    try check(place.collection, "collection", max: Limits.collectionNameSizeMax)
  }

  /// The same for a database alone.
  func checkDatabaseName(_ name: String) throws(Failure) {
    try check(name, "database", max: Limits.databaseNameSizeMax)
  }

  /// The order-preserving bytes of an id, which is any BSON value but array and regex.
  func sortKey(ofID id: [UInt8]) throws(Failure) -> [UInt8] {
    guard !id.isEmpty else { throw Failure(.invalidID, "the id is empty") }
    guard id.count <= Limits.idSizeMax else {
      throw Failure(.idTooLarge, "the id has \(id.count) bytes; \(Limits.idSizeMax) is the most")
    }
    guard let value = Self.value(ofID: id), value.canBeID else {
      throw Failure(.invalidID, "an id is any BSON value but array and regular expression")
    }
    return value.sortKey()
  }

  /// A raw key: 1 byte to 1 KiB.
  func checkKey(_ key: [UInt8]) throws(Failure) {
    guard !key.isEmpty else { throw Failure(.invalidID, "the key is empty") }
    guard key.count <= Limits.idSizeMax else {
      throw Failure(.idTooLarge, "the key has \(key.count) bytes; \(Limits.idSizeMax) is the most")
    }
  }

  /// An id's value, decoded as the only field of a document made for the purpose.
  private static func value(ofID id: [UInt8]) -> BSONValue? {
    var writer = ByteWriter(capacity: id.count + 6)
    writer.write(UInt32(id.count + 6))
    writer.write(id[0])
    writer.write(UInt8(0))
    writer.writeRaw(id.dropFirst())
    writer.write(UInt8(0))
    do {
      var fields = try BSONDocument(validating: writer.bytes).fields
      return fields.next()?.value
    } catch {
      return nil
    }
  }

  private func decode(_ bytes: [UInt8]) throws(Failure) -> Command {
    do {
      return try Command(decoding: bytes)
    } catch .unsupportedVersion(let version, let what) {
      throw Failure(.unknownCommand, "version \(version) of \(what) is not known to this node")
    } catch {
      throw Failure(.badRequest, "the command cannot be read: \(error)")
    }
  }

  private func check(_ name: String, _ what: String, max: Int) throws(Failure) {
    let size = name.utf8.count
    guard size > 0 else { throw Failure(.invalidName, "the \(what) name is empty") }
    guard size <= max else {
      throw Failure(.invalidName, "the \(what) name has \(size) bytes; \(max) is the most")
    }
    guard name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw Failure(.invalidName, "the \(what) name has a control character")
    }
  }

  private func checkSize(_ bytes: [UInt8]) throws(Failure) {
    let limit = Limits.documentSizeDefault
    guard bytes.count <= limit else {
      throw Failure(
        .documentTooLarge,
        "\(bytes.count) bytes are over the limit of \(limit) for one document"
      )
    }
  }

  private func checkDocument(_ bytes: [UInt8]) throws(Failure) {
    try checkSize(bytes)
    let document: BSONDocument
    do {
      document = try BSONDocument(validating: bytes)
    } catch {
      throw Failure(error.code, "\(error)")
    }
    guard !document.contains("_id") else {
      throw Failure(.invalidDocument, "the id travels beside the document, not as its _id")
    }
  }
}

extension CommandReply.Failure: Error {}

extension BSONError {
  /// The stable code that clients see.
  fileprivate var code: ErrorCode {
    switch self {
    case .malformedBSON, .unsupportedType, .invalidFieldName: .invalidDocument
    case .malformedJSON: .invalidJSON
    case .duplicateField: .duplicateField
    case .nestingTooDeep: .nestingTooDeep
    case .numberOutOfRange: .numberOutOfRange
    case .documentTooLarge: .documentTooLarge
    }
  }
}
