/// Why bytes or text are not a document.
package enum BSONError: Error, Equatable, Sendable {
  /// The bytes break the BSON format.
  case malformedBSON(offset: Int, reason: String)
  /// The text breaks the JSON format; columns count Unicode scalars from 1.
  case malformedJSON(line: Int, column: Int, expected: String, found: String)
  /// A document names one field twice.
  case duplicateField(name: String, at: BSONPlace)
  /// Documents and arrays lie deeper in each other than `max` levels.
  case nestingTooDeep(max: Int, at: BSONPlace)
  /// A number that no kind of number can hold.
  case numberOutOfRange(literal: String, at: BSONPlace)
  /// The document is longer than its limit.
  case documentTooLarge(maxBytes: Int)
  /// A kind of value that documents here do not have.
  case unsupportedType(name: String, at: BSONPlace)
  /// A field name that cannot be written down in BSON.
  case invalidFieldName(name: String, at: BSONPlace)
}

/// Where in its input an error was found.
package enum BSONPlace: Equatable, Sendable, CustomStringConvertible {
  /// A byte of BSON, counted from 0.
  case offset(Int)
  /// A place in JSON text; both count from 1, columns in Unicode scalars.
  case text(line: Int, column: Int)

  /// The place as a person reads it.
  package var description: String {
    switch self {
    case .offset(let offset): "byte \(offset)"
    case .text(let line, let column): "line \(line), column \(column)"
    }
  }
}

extension BSONError: CustomStringConvertible {
  /// What happened, where, and what was expected, in one sentence.
  package var description: String {
    switch self {
    case .malformedBSON(let offset, let reason):
      "malformed BSON at byte \(offset): \(reason)"
    case .malformedJSON(let line, let column, let expected, let found):
      "malformed JSON at line \(line), column \(column): expected \(expected), found \(found)"
    case .duplicateField(let name, let place):
      "the field \"\(name)\" appears twice, at \(place)"
    case .nestingTooDeep(let max, let place):
      "nested deeper than \(max) levels, at \(place)"
    case .numberOutOfRange(let literal, let place):
      "the number \(literal) is out of range, at \(place)"
    case .documentTooLarge(let maxBytes):
      "the document is larger than \(maxBytes) bytes"
    case .unsupportedType(let name, let place):
      "values of type \(name) are not supported, at \(place)"
    case .invalidFieldName(let name, let place):
      "the field name \"\(name)\" contains a zero byte, at \(place)"
    }
  }
}
