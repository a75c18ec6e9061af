import COpenSSL
import Consensus

/// A key as OpenSSL holds it, parsed once and freed once; freeing overwrites a private one.
///
/// It owns one reference and lends the pointer only while a call lasts. Nobody changes a key once
/// it is made, and OpenSSL lets threads share such a key (openssl-threads(7)).
@safe
struct KeyHandle: ~Copyable, @unchecked Sendable {
  private let key: OpaquePointer

  /// Takes over a reference.
  @unsafe
  init(owning key: OpaquePointer) {
    unsafe self.key = key
  }

  /// Parses a public key; nil where OpenSSL does not take it.
  init?(_ publicKey: PublicKey) {
    let bytes = publicKey.bytes
    // The call reads exactly the array and copies it.
    let parsed = unsafe bytes.withUnsafeBufferPointer {
      unsafe EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count)
    }
    guard let parsed = unsafe parsed else {
      ERR_clear_error()
      return nil
    }
    unsafe key = parsed
  }

  deinit {
    // Ours is one reference, and it is given back once.
    unsafe EVP_PKEY_free(key)
  }

  /// Lends the pointer.
  @unsafe
  func withPointer<Result, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The key lives as long as this value, which the call keeps alive.
    try unsafe body(key)
  }

  /// The public half.
  func publicKey() throws(CryptoError) -> PublicKey {
    var bytes = [UInt8](repeating: 0, count: Bits256.size)
    var size = bytes.count
    // The call writes at most `size` bytes, which is the array's count.
    let result = unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe EVP_PKEY_get_raw_public_key(key, $0.baseAddress, &size)
    }
    guard result == 1, size == Bits256.size, let publicKey = PublicKey(bytes: bytes) else {
      throw .badKey("the key", reason: CryptoError.lastReason())
    }
    return publicKey
  }
}
