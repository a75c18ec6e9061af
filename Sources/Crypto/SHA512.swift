import COpenSSL
import Consensus

/// SHA-512 (FIPS 180-4), which Ed25519 takes its numbers from.
enum SHA512 {
  /// The algorithm, fetched once.
  ///
  /// Nobody changes or frees it.
  nonisolated(unsafe) private static let algorithm: OpaquePointer = {
    // A reference of ours, kept until the process ends.
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA512", nil) else {
      fatalError("every OpenSSL has SHA-512: \(CryptoError.lastReason())")
    }
    // It lives as long as the process.
    return unsafe algorithm
  }()

  /// The digest as eight little-endian words, the first bytes in the first.
  static func words(of bytes: [UInt8]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: 8)
    // The call reads exactly the array, and writes 64 bytes, as many as the eight words have.
    let result = unsafe words.withUnsafeMutableBytes { words in
      unsafe bytes.withUnsafeBytes {
        unsafe EVP_Digest(
          $0.baseAddress,
          $0.count,
          words.baseAddress?.assumingMemoryBound(to: UInt8.self),
          nil,
          algorithm,
          nil
        )
      }
    }
    invariant(result == 1, "SHA-512 digests everything")
    return words.map { UInt64(littleEndian: $0) }
  }
}
