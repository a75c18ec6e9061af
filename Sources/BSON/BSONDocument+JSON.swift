/// Documents and lone values as JSON text: relaxed Extended JSON v2, both ways.
extension BSONDocument {
  /// Reads one JSON object.
  ///
  /// - Throws: `BSONError` with line and column for text that is not strictly RFC 8259, a name
  ///   used twice, a number that fits no kind, or past a limit.
  package init(
    json text: [UInt8],
    sizeBytesMax: Int = BSONDocument.sizeBytesMax
  ) throws(BSONError) {
    let limit = min(sizeBytesMax, Self.sizeBytesMax)
    self.init(checked: try JSONReader.document(text, sizeBytesMax: limit))
  }

  /// Reads one JSON object from a string.
  package init(json text: String) throws(BSONError) {
    try self.init(json: Array(text.utf8))
  }

  /// The document as compact JSON in UTF-8.
  package var json: [UInt8] {
    var writer = JSONWriter(bytes: bytes)
    writer.document(at: 0)
    return writer.text
  }
}

extension BSONValue {
  /// Reads one JSON value of any kind.
  ///
  /// - Throws: `BSONError`, as `BSONDocument(json:)` does.
  package init(json text: [UInt8]) throws(BSONError) {
    let bytes = try JSONReader.wrapped(text, sizeBytesMax: BSONDocument.sizeBytesMax)
    self = bytes.element(at: 4).map { bytes.value(of: $0) } ?? .null
  }

  /// Reads one JSON value from a string.
  package init(json text: String) throws(BSONError) {
    try self.init(json: Array(text.utf8))
  }

  /// The value as compact JSON in UTF-8.
  ///
  /// - Throws: `BSONError` for a value built by hand that no document can hold.
  package func json() throws(BSONError) -> [UInt8] {
    let bytes = try BSONBuilder.wrapping(self)
    guard let element = bytes.element(at: 4) else { return [] }
    var writer = JSONWriter(bytes: bytes)
    writer.value(element)
    return writer.text
  }
}
