import COpenSSL

/// Chance that nobody can foresee, from the system's generator by way of OpenSSL's.
package enum SecureRandom {
  /// So many random bytes.
  ///
  /// - Throws: `CryptoError.library` if the system has no randomness to give.
  package static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // The call fills exactly the array.
    let result = unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe RAND_bytes($0.baseAddress, Int32($0.count))
    }
    guard result == 1 else {
      throw .library(doing: "drawing random bytes", reason: CryptoError.lastReason())
    }
    return bytes
  }

  /// 64 random bits.
  ///
  /// - Throws: `CryptoError.library` if the system has no randomness to give.
  package static func number() throws(CryptoError) -> UInt64 {
    try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
