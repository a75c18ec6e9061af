import COpenSSL
package import Consensus

/// A running SHA-256 (FIPS 180-4): bytes in, in pieces of any size, and a digest out.
///
/// It begins anew when it is finished, in the same memory. It owns its context and gives the
/// pointer to nobody, so that the context lives exactly as long.
@safe
package struct SHA256: ~Copyable {
  /// The algorithm, fetched once: to look it up costs more than to digest 512 bytes.
  ///
  /// Nobody changes or frees it.
  nonisolated(unsafe) private static let algorithm: OpaquePointer = {
    // A reference of ours, kept until the process ends.
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
      fatalError("every OpenSSL has SHA-256: \(CryptoError.lastReason())")
    }
    // It lives as long as the process.
    return unsafe algorithm
  }()

  private let context: OpaquePointer

  /// The SHA-256 of nothing so far.
  package init() {
    // Null only when the system has no memory left.
    guard let context = unsafe EVP_MD_CTX_new() else { fatalError("out of memory for SHA-256") }
    unsafe self.context = context
    begin()
  }

  deinit {
    // Nobody else has the pointer.
    unsafe EVP_MD_CTX_free(context)
  }

  /// Goes on with these bytes.
  package mutating func update(_ bytes: [UInt8]) {
    // The pointer covers the array and is not kept.
    let result = unsafe bytes.withUnsafeBytes {
      unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    invariant(result == 1, "a running SHA-256 takes bytes")
  }

  /// Goes on with one byte.
  package mutating func update(_ byte: UInt8) {
    var byte = byte
    // One byte is read while the call lasts.
    let result = unsafe EVP_DigestUpdate(context, &byte, 1)
    invariant(result == 1, "a running SHA-256 takes bytes")
  }

  /// The digest of everything since the last one; what follows begins anew.
  package mutating func finish() -> Digest {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    // SHA-256 writes 32 bytes, as many as the four words have.
    let result = unsafe withUnsafeMutableBytes(of: &words) {
      unsafe EVP_DigestFinal_ex(
        context,
        $0.baseAddress?.assumingMemoryBound(to: UInt8.self),
        nil
      )
    }
    invariant(result == 1, "a running SHA-256 ends")
    begin()
    return Digest(
      bits: Bits256(
        words.0.bigEndian,
        words.1.bigEndian,
        words.2.bigEndian,
        words.3.bigEndian
      )
    )
  }

  private func begin() {
    // Both live as long as this value does.
    let result = unsafe EVP_DigestInit_ex2(context, Self.algorithm, nil)
    invariant(result == 1, "SHA-256 begins")
  }
}
