/// A document: ordered fields, kept as their BSON bytes.
///
/// Whoever holds one knows that the bytes were checked: fields are found and decoded straight
/// from them, when somebody asks.
package struct BSONDocument: Hashable, Sendable {
  /// The longest document there is; callers set lower limits.
  package static let sizeBytesMax = 8 << 20
  /// How deep documents and arrays may lie in each other, the outermost counted as one.
  package static let nestingMax = 64
  /// The document without fields.
  package static let empty = BSONDocument(checked: [5, 0, 0, 0, 0])

  /// The BSON bytes, length first, closing zero last.
  package let bytes: [UInt8]

  /// Checks foreign bytes and keeps them.
  ///
  /// - Throws: `BSONError` for anything but one well-formed document within the limits: every
  ///   length, type, text and closing zero, no field twice, nesting at most `nestingMax`.
  package init(
    validating bytes: [UInt8],
    sizeBytesMax: Int = BSONDocument.sizeBytesMax
  ) throws(BSONError) {
    try BSONValidator.validate(bytes, sizeBytesMax: min(sizeBytesMax, Self.sizeBytesMax))
    self.bytes = bytes
  }

  /// Encodes fields in the order given.
  ///
  /// - Throws: `BSONError` if a name appears twice or contains a zero byte, or past a limit.
  package init(
    fields: [(name: String, value: BSONValue)],
    sizeBytesMax: Int = BSONDocument.sizeBytesMax
  ) throws(BSONError) {
    var builder = BSONBuilder()
    for field in fields {
      try builder.append(field.value, for: field.name)
    }
    self = try builder.finish(sizeBytesMax: sizeBytesMax)
  }

  /// Keeps bytes that this room made and knows to be a document.
  init(checked bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The length in bytes.
  package var sizeBytes: Int { bytes.count }

  /// Whether there are no fields.
  package var isEmpty: Bool { bytes.count == 5 }

  /// The value of a field, nil if the document has no field of that name; O(fields before it).
  package subscript(name: String) -> BSONValue? {
    guard let element = element(named: name) else { return nil }
    return bytes.value(of: element)
  }

  /// Whether a field of that name exists.
  package func contains(_ name: String) -> Bool {
    element(named: name) != nil
  }

  /// The fields in their order, decoded one at a time.
  package var fields: BSONFields {
    BSONFields(bytes: bytes)
  }

  private func element(named name: String) -> BSONElement? {
    let wanted = name.utf8Span.span
    var position = 4
    while let element = bytes.element(at: position) {
      if bytes.isSame(element.name, as: wanted) { return element }
      position = element.value.upperBound
    }
    return nil
  }
}
