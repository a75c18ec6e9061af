import BSON
import ClientProtocol
import Wire

/// What a command must satisfy, asked before it is proposed and again when it is applied.
///
/// A pure function of the command's bytes: every node gives the same answer.
struct CommandRules: Sendable {
  typealias Failure = CommandReply.Failure

  /// Reads a command and checks all that can be checked without the state.
  ///
  /// The names of a known place were checked when it became one.
  func check(_ bytes: Bytes, knowing known: KnownPlace?) throws(Failure) -> CheckedCommand {
    let command = try decode(bytes, knowing: known)
    try authorize(command.principal)
    let isPlaceKnown = known?.isNamed(in: bytes) ?? false
    if !isPlaceKnown { try checkNames(command.place) }
    return CheckedCommand(
      command: command,
      key: try checkOperation(command.operation),
      isPlaceKnown: isPlaceKnown
    )
  }

  /// A `kvPut` into the known place that satisfies all rules; nil for any other command.
  func outline(of bytes: Bytes, at known: KnownPlace) -> PutOutline? {
    guard let put = PutOutline(of: bytes, at: known), put.principal == 0,
      (1...Limits.idSizeMax).contains(put.key.count), put.value.count <= Limits.documentSizeMax
    else { return nil }
    return put
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
    try checkSize(ofKey: id, "id")
    if let text = Self.text(ofID: id) { return BSONValue.string(text).sortKey() }
    guard let value = Self.value(ofID: id), value.canBeID else {
      throw Failure(.invalidID, "an id is any BSON value but array and regular expression")
    }
    if case .document(let document) = value, let name = ReservedNames.first(in: document) {
      throw Failure(.invalidID, ReservedNames.explanation(of: name))
    }
    return value.sortKey()
  }

  /// A raw key: 1 byte to 1 KiB.
  func checkKey(_ key: [UInt8]) throws(Failure) {
    guard !key.isEmpty else { throw Failure(.invalidID, "the key is empty") }
    try checkSize(ofKey: key, "key")
  }

  /// An id, a key or a part of one is at most 1 KiB.
  func checkSize(ofKey key: [UInt8], _ what: String) throws(Failure) {
    guard key.count <= Limits.idSizeMax else {
      throw Failure(
        .idTooLarge,
        "the \(what) has \(key.count) bytes; \(Limits.idSizeMax) is the most"
      )
    }
  }

  private func decode(
    _ bytes: Bytes,
    knowing known: KnownPlace?
  ) throws(Failure) -> Command {
    do {
      var reader = ByteReader(bytes)
      let command = try Command(from: &reader, knowing: known)
      try reader.expectEnd()
      return command
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

  /// Checks ids, keys and bytes; returns what the id or key is found by.
  private func checkOperation(_ operation: Command.Operation) throws(Failure) -> [UInt8] {
    switch operation {
    case .createCollection, .dropCollection: return []
    case .insert(nil, let document):
      try checkDocument(document)
      return []
    case .insert(let id?, let document), .put(let id, let document),
      .replace(let id, let document, _):
      let key = try sortKey(ofID: id)
      try checkDocument(document)
      return key
    case .delete(let id, _): return try sortKey(ofID: id)
    case .kvPut(let key, let value), .kvPutIf(let key, let value, _):
      try checkKey(key)
      try checkSize(value)
      return key
    case .kvDelete(let key, _), .kvIncrement(let key, _):
      try checkKey(key)
      return key
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
    if let name = ReservedNames.first(in: document) {
      throw Failure(.invalidDocument, ReservedNames.explanation(of: name))
    }
  }

  private func checkSize(_ bytes: [UInt8]) throws(Failure) {
    let limit = Limits.documentSizeMax
    guard bytes.count <= limit else {
      throw Failure(
        .documentTooLarge,
        "\(bytes.count) bytes are over the limit of \(limit) for one document"
      )
    }
  }

  /// The text of a string id, the usual kind, without the way through a document.
  private static func text(ofID id: [UInt8]) -> String? {
    let headSize = 5
    guard id[0] == BSONType.string.rawValue, id.count > headSize, id[id.count - 1] == 0 else {
      return nil
    }
    let stated = id[1..<headSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard stated == id.count - headSize else { return nil }
    do {
      let text = id.span.extracting(headSize..<id.count - 1)
      return String(copying: try UTF8Span(validating: text))
    } catch {
      return nil
    }
  }

  /// An id's value; nil if the bytes are not exactly one value.
  private static func value(ofID id: [UInt8]) -> BSONValue? {
    do {
      return try BSONValue(idBytes: id)
    } catch {
      return nil
    }
  }
}

extension CommandReply.Failure: Error {}
