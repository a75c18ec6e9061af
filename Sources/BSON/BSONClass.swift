/// The classes of kinds, in the order in which values of different classes compare.
///
/// All numbers are one class, by which `$gt` and its like are bracketed. The raw value begins
/// every sort key; none is zero, which ends lists within keys.
package enum BSONClass: UInt8, Comparable, Sendable {
  /// MinKey alone.
  case minKey = 0x08
  /// Null, and fields that are missing.
  case null = 0x10
  /// int32, int64, double and decimal128.
  case number = 0x18
  /// Text.
  case string = 0x20
  /// Documents.
  case document = 0x28
  /// Arrays.
  case array = 0x30
  /// Bytes.
  case binary = 0x38
  /// ObjectIds.
  case objectID = 0x40
  /// False and true.
  case boolean = 0x48
  /// Times of the calendar.
  case datetime = 0x50
  /// MongoDB's replication times.
  case timestamp = 0x58
  /// Regular expressions.
  case regex = 0x60
  /// MaxKey alone.
  case maxKey = 0x68

  /// Whether values of the first class stand before those of the second.
  package static func < (left: BSONClass, right: BSONClass) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension BSONType {
  /// The class of values of this kind.
  package var orderClass: BSONClass {
    switch self {
    case .minKey: .minKey
    case .null: .null
    case .int32, .int64, .double, .decimal128: .number
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .objectID: .objectID
    case .boolean: .boolean
    case .datetime: .datetime
    case .timestamp: .timestamp
    case .regex: .regex
    case .maxKey: .maxKey
    }
  }
}
