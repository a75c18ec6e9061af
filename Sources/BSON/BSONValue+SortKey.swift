/// Values as bytes whose lexicographic order is the order of `compare`.
///
/// Values that compare equal (`1`, `1.0`) give the same bytes, and no key is the beginning of
/// another one's, so keys may follow each other in compound keys.
///
///     class (1 byte), then
///     number                 see BSONNumber
///     string, regex          UTF-8 with 00 as 00 FF, closed by 00
///     document               for each field: class of the value · name 00 · key; closed by 00
///     array                  the key of each element; closed by 00
///     binary                 length (4) · subtype (1) · bytes
///     objectID               its 12 bytes
///     boolean                0 or 1
///     datetime, timestamp    8 bytes, most significant first, the sign inverted
extension BSONValue {
  /// The bytes of this value for ordered containers.
  package func sortKey() -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(expectedSortKeySize)
    appendSortKey(to: &key)
    return key
  }

  /// The size of the usual keys, which then need but one allocation.
  private var expectedSortKeySize: Int {
    guard case .string(let text) = self else { return 16 }
    return text.utf8.count + 2
  }

  /// What the keys of all strings that begin with these characters begin with themselves.
  package static func sortKeyPrefix(ofStringsBeginningWith text: String) -> [UInt8] {
    var key = BSONValue.string(text).sortKey()
    key.removeLast()
    return key
  }

  /// Whether a document may have this value as its `_id`: anything but an array or a regular
  /// expression.
  package var canBeID: Bool {
    switch self {
    case .array, .regex: false
    case .double, .string, .document, .binary, .objectID, .boolean, .datetime, .null, .int32,
      .int64, .decimal128, .timestamp, .minKey, .maxKey:
      true
    }
  }

  /// Appends the key to others, as a part of a compound key.
  package func appendSortKey(to key: inout [UInt8]) {
    key.append(type.orderClass.rawValue)
    switch self {
    case .int32(let number): BSONNumber.integer(Int64(number)).appendSortKey(to: &key)
    case .int64(let number): BSONNumber.integer(number).appendSortKey(to: &key)
    case .double(let number): BSONNumber.double(number).appendSortKey(to: &key)
    case .decimal128(let number): BSONNumber.decimal(number).appendSortKey(to: &key)
    case .string(let text): Self.append(text, to: &key)
    case .document(let document): Self.append(document, to: &key)
    case .array(let values):
      for value in values {
        value.appendSortKey(to: &key)
      }
      key.append(0)
    case .binary(let subtype, let bytes):
      key.appendBigEndian(UInt32(truncatingIfNeeded: bytes.count))
      key.append(subtype)
      key.append(contentsOf: bytes)
    case .objectID(let id): id.append(to: &key)
    case .boolean(let flag): key.append(flag ? 1 : 0)
    case .datetime(let milliseconds):
      key.appendBigEndian(UInt64(bitPattern: milliseconds) ^ 1 << 63)
    case .timestamp(let seconds, let increment):
      key.appendBigEndian(seconds)
      key.appendBigEndian(increment)
    case .regex(let pattern, let options):
      Self.append(pattern, to: &key)
      Self.append(options, to: &key)
    case .null, .minKey, .maxKey: break
    }
  }

  private static func append(_ document: BSONDocument, to key: inout [UInt8]) {
    for field in document.fields {
      key.append(field.value.type.orderClass.rawValue)
      append(field.name, to: &key)
      field.value.appendSortKey(to: &key)
    }
    key.append(0)
  }

  private static func append(_ text: String, to key: inout [UInt8]) {
    let start = key.count
    key.append(contentsOf: text.utf8)
    if key[start...].contains(0) {
      let escaped = key[start...].flatMap { $0 == 0 ? [0, 0xFF] : [$0] }
      key.replaceSubrange(start..., with: escaped)
    }
    key.append(0)
  }
}
