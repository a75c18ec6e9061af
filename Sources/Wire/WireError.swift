/// Why bytes could not be turned into a value.
///
/// Offsets count from the start of the buffer.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
  /// Fewer bytes are left than the value needs.
  case truncated(needed: Int, remaining: Int, offset: Int)
  /// The bytes stand for nothing that `what` allows.
  case badValue(String, offset: Int)
  /// A length or count is over its limit; nothing was allocated for it.
  case tooLarge(String, size: Int, limit: Int, offset: Int)
  /// Bytes are left over behind a complete value.
  case trailingBytes(count: Int, offset: Int)
  /// The checksum of a frame or record differs from its bytes.
  case checksumMismatch(expected: UInt32, found: UInt32)
  /// The version of a frame, record or command is not one we can read.
  case unsupportedVersion(UInt16, what: String)
}

extension WireError: CustomStringConvertible {
  /// One line that says what was found and where.
  @usableFromInline
  package var description: String {
    switch self {
    case .truncated(let needed, let remaining, let offset):
      "truncated at byte \(offset): \(needed) bytes needed, \(remaining) left"
    case .badValue(let what, let offset):
      "no valid \(what) at byte \(offset)"
    case .tooLarge(let what, let size, let limit, let offset):
      "\(what) of \(size) at byte \(offset) is over the limit of \(limit)"
    case .trailingBytes(let count, let offset):
      "\(count) unexpected bytes from byte \(offset)"
    case .checksumMismatch(let expected, let found):
      "checksum mismatch: stated \(expected), computed \(found)"
    case .unsupportedVersion(let version, let what):
      "version \(version) of \(what) is not supported"
    }
  }
}
