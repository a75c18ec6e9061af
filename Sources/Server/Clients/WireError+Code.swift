import ClientProtocol
import Wire

extension WireError {
  /// The code for bytes that are no frame of ours.
  var code: ErrorCode {
    switch self {
    case .tooLarge: .tooLarge
    case .unsupportedVersion: .unsupportedVersion
    case .truncated, .badValue, .trailingBytes, .checksumMismatch: .badFrame
    }
  }
}
