/// The kinds of value, with their codes in BSON (bsonspec.org, 1.1).
///
/// The deprecated kinds (undefined, DBPointer, code, symbol) are refused, never stored.
package enum BSONType: UInt8, Sendable, CaseIterable {
  /// A binary64 number.
  case double = 0x01
  /// UTF-8 text.
  case string = 0x02
  /// A nested document.
  case document = 0x03
  /// A list of values.
  case array = 0x04
  /// Bytes with a subtype.
  case binary = 0x05
  /// A 12-byte identifier.
  case objectID = 0x07
  /// True or false.
  case boolean = 0x08
  /// Milliseconds since 1970, UTC.
  case datetime = 0x09
  /// The absence of a value.
  case null = 0x0A
  /// A regular expression, stored only.
  case regex = 0x0B
  /// A 32-bit integer.
  case int32 = 0x10
  /// MongoDB's replication time, stored only.
  case timestamp = 0x11
  /// A 64-bit integer.
  case int64 = 0x12
  /// A 34-digit decimal number, stored and compared only.
  case decimal128 = 0x13
  /// Above every other value.
  case maxKey = 0x7F
  /// Below every other value.
  case minKey = 0xFF
}
