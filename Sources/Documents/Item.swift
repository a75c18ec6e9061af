import Wire

/// A document or value as it stands in its collection.
struct Item: Equatable, Sendable {
  /// The log index of its last change.
  var revision: UInt64
  /// The id as the client wrote it, type byte first; empty for keys, which are their own ids.
  var id: [UInt8]
  /// The document's BSON, or the key's value: mostly a part of the log entry that wrote it.
  var bytes: Bytes

  /// The id that clients see: a raw key is its own.
  func shownID(under key: [UInt8]) -> [UInt8] { id.isEmpty ? key : id }
}
