package import BSON

/// Ids as they travel: one BSON type byte, then the value as in an element without its name.
extension BSONValue {
  /// The value's bytes as an id.
  ///
  /// - Throws: `BSONError` for a value built by hand that no document can hold.
  package func idBytes() throws(BSONError) -> [UInt8] {
    var builder = BSONBuilder()
    try builder.append(self, for: "")
    let wrapped = try builder.finish().bytes
    // Size (4), type (1), the empty name's zero (1), the value, the closing zero (1).
    return [wrapped[4]] + wrapped[6..<wrapped.count - 1]
  }

  /// Reads an id; whether values of its type may be ids is asked with `canBeID`.
  ///
  /// - Throws: `BSONError` for bytes that are not exactly one value.
  package init(idBytes bytes: [UInt8]) throws(BSONError) {
    let size = UInt32(truncatingIfNeeded: bytes.count + 6)
    let sizeBytes = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * UInt32($0))) }
    let wrapped = sizeBytes + bytes.prefix(1) + [0] + bytes.dropFirst() + [0]
    var fields = try BSONDocument(validating: wrapped).fields
    guard let value = fields.next()?.value, fields.next() == nil else {
      throw .malformedBSON(offset: 0, reason: "an id is a type and exactly one value")
    }
    self = value
  }
}
