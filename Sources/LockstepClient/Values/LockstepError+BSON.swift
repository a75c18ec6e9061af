import BSON
import ClientProtocol

extension LockstepError {
  /// The error for a document that cannot be written or read.
  init(_ error: BSONError) {
    let code: ErrorCode =
      switch error {
      case .malformedBSON, .unsupportedType, .invalidFieldName: .invalidDocument
      case .malformedJSON: .invalidJSON
      case .duplicateField: .duplicateField
      case .nestingTooDeep: .nestingTooDeep
      case .numberOutOfRange: .numberOutOfRange
      case .documentTooLarge: .documentTooLarge
      }
    self.init(code, error.description)
  }
}
