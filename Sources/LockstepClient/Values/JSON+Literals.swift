import BSON

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// Null.
  public init(nilLiteral: ()) {
    self.init(.null)
  }

  /// A truth value.
  public init(booleanLiteral value: Bool) {
    self.init(.boolean(value))
  }

  /// A whole number.
  public init(integerLiteral value: Int64) {
    self.init(Int32(exactly: value).map { .int32($0) } ?? .int64(value))
  }

  /// A floating-point number.
  public init(floatLiteral value: Double) {
    self.init(.double(value))
  }

  /// Text.
  public init(stringLiteral value: String) {
    self.init(.string(value))
  }

  /// An array.
  public init(arrayLiteral elements: JSON...) {
    self.init(.array(elements.map(\.value)))
  }

  /// A document; a literal that names a field twice, or nests too deep, stops the program.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    do {
      let fields = elements.map { (name: $0.0, value: $0.1.value) }
      self.init(.document(try BSONDocument(fields: fields)))
    } catch {
      fatalError("a JSON literal is a document: \(error)")
    }
  }
}
