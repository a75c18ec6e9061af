import COpenSSL

/// What can go wrong with keys and secured links.
package enum CryptoError: Error, Equatable, Sendable {
  /// Bytes or a file that hold no usable Ed25519 key.
  case badKey(String, reason: String)
  /// A key file that others may read, or that cannot be read or written.
  case keyFile(path: String, reason: String)
  /// More signatures wait to be verified than are allowed.
  case busy(waiting: Int)
  /// OpenSSL refused something that it does not refuse in health.
  case library(doing: String, reason: String)

  /// The stable name of the error, for programs.
  package var code: String {
    switch self {
    case .badKey: "bad_key"
    case .keyFile: "key_file"
    case .busy: "verification_busy"
    case .library: "openssl_failed"
    }
  }
}

extension CryptoError: CustomStringConvertible {
  /// What happened, where, and what to do.
  package var description: String {
    switch self {
    case .badKey(let what, let reason): "\(what) is no Ed25519 key: \(reason)"
    case .keyFile(let path, let reason): "\(path): \(reason)"
    case .busy(let waiting): "\(waiting) signatures wait to be verified already; try again later"
    case .library(let doing, let reason): "OpenSSL failed while \(doing): \(reason)"
    }
  }
}

extension CryptoError {
  /// The library's own words for the last failure on this thread; forgets all failures.
  static func lastReason() -> String {
    let number = ERR_peek_last_error()
    ERR_clear_error()
    guard number != 0 else { return "no reason given" }
    var text = [CChar](repeating: 0, count: 256)
    // The call writes at most `count` bytes, the last of them a zero.
    unsafe text.withUnsafeMutableBufferPointer {
      unsafe ERR_error_string_n(number, $0.baseAddress, $0.count)
    }
    let end = text.firstIndex(of: 0) ?? text.count
    return String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
