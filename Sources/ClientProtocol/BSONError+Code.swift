package import BSON

extension BSONError {
  /// The stable code that clients see.
  package var code: ErrorCode {
    switch self {
    case .malformedBSON, .unsupportedType, .invalidFieldName: .invalidDocument
    case .malformedJSON: .invalidJSON
    case .duplicateField: .duplicateField
    case .nestingTooDeep: .nestingTooDeep
    case .numberOutOfRange: .numberOutOfRange
    case .documentTooLarge: .documentTooLarge
    }
  }
}
