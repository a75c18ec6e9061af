import BSON
import ClientProtocol

extension LockstepError {
  /// The error for a document that cannot be written or read.
  init(_ error: BSONError) {
    self.init(error.code, error.description)
  }
}
