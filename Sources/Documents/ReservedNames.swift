import BSON

/// Field names that begin with a dollar sign: kept for operators and Extended JSON, never stored.
///
/// A stored `{"$date": 1}` would read back from its own JSON as another value.
enum ReservedNames {
  private static let dollar = UInt8(ascii: "$")

  /// The first such name at any depth, if there is one.
  static func first(in document: BSONDocument) -> String? {
    guard mayHaveOne(document.bytes) else { return nil }
    return first(inside: document)
  }

  /// Why a document with such a name is refused.
  static func explanation(of name: String) -> String {
    "field names that begin with $ are reserved: \"\(name)\""
  }

  /// A name stands right behind its type: most documents have no such place at all.
  private static func mayHaveOne(_ bytes: [UInt8]) -> Bool {
    for index in bytes.indices.dropFirst()
    where bytes[index] == dollar && BSONType(rawValue: bytes[index - 1]) != nil {
      return true
    }
    return false
  }

  private static func first(inside document: BSONDocument) -> String? {
    for field in document.fields {
      if field.name.utf8.first == dollar { return field.name }
      if let name = first(inside: field.value) { return name }
    }
    return nil
  }

  private static func first(inside value: BSONValue) -> String? {
    switch value {
    case .document(let document): return first(inside: document)
    case .array(let values):
      for value in values {
        if let name = first(inside: value) { return name }
      }
      return nil
    case .double, .string, .binary, .objectID, .boolean, .datetime, .null, .int32, .int64,
      .decimal128, .timestamp, .regex, .minKey, .maxKey:
      return nil
    }
  }
}
