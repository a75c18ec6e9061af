/// One value of a document.
///
/// `==` asks for the same kind and the same bytes (`1` is not `1.0`, NaN is NaN); whether two
/// values count as equal is `compare`'s business.
package enum BSONValue: Sendable {
  /// A binary64 number.
  case double(Double)
  /// Text.
  case string(String)
  /// A nested document.
  case document(BSONDocument)
  /// A list of values.
  case array([BSONValue])
  /// Bytes with a subtype (0 for plain bytes, 4 for a UUID).
  case binary(subtype: UInt8, bytes: [UInt8])
  /// A 12-byte identifier.
  case objectID(ObjectID)
  /// True or false.
  case boolean(Bool)
  /// Milliseconds since 1970, UTC.
  case datetime(Int64)
  /// The absence of a value.
  case null
  /// A 32-bit integer.
  case int32(Int32)
  /// A 64-bit integer.
  case int64(Int64)
  /// A 34-digit decimal number.
  case decimal128(Decimal128)
  /// MongoDB's replication time.
  case timestamp(seconds: UInt32, increment: UInt32)
  /// A regular expression, its options in alphabetical order.
  indirect case regex(pattern: String, options: String)
  /// Below every other value.
  case minKey
  /// Above every other value.
  case maxKey

  /// The kind of this value.
  package var type: BSONType {
    switch self {
    case .double: .double
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .objectID: .objectID
    case .boolean: .boolean
    case .datetime: .datetime
    case .null: .null
    case .int32: .int32
    case .int64: .int64
    case .decimal128: .decimal128
    case .timestamp: .timestamp
    case .regex: .regex
    case .minKey: .minKey
    case .maxKey: .maxKey
    }
  }
}

extension BSONValue: Equatable {
  /// Whether both values are of one kind and have the same bytes.
  package static func == (left: BSONValue, right: BSONValue) -> Bool {
    switch (left, right) {
    case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.document(let left), .document(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.binary(let left, let leftBytes), .binary(let right, let rightBytes)):
      left == right && leftBytes == rightBytes
    case (.objectID(let left), .objectID(let right)): left == right
    case (.boolean(let left), .boolean(let right)): left == right
    case (.datetime(let left), .datetime(let right)): left == right
    case (.int32(let left), .int32(let right)): left == right
    case (.int64(let left), .int64(let right)): left == right
    case (.decimal128(let left), .decimal128(let right)): left == right
    case (.timestamp(let left, let leftStep), .timestamp(let right, let rightStep)):
      left == right && leftStep == rightStep
    case (.regex(let left, let leftOptions), .regex(let right, let rightOptions)):
      left.utf8.elementsEqual(right.utf8) && leftOptions.utf8.elementsEqual(rightOptions.utf8)
    case (.null, .null), (.minKey, .minKey), (.maxKey, .maxKey): true
    default: false
    }
  }
}
