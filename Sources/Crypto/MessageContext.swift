import COpenSSL
import Consensus

/// The memory in which OpenSSL signs or verifies one message after the other.
///
/// It owns its context and gives the pointer to nobody, so that the context lives exactly as long.
@safe
struct MessageContext: ~Copyable {
  private let context: OpaquePointer

  init() {
    // Null only when the system has no memory left.
    guard let context = unsafe EVP_MD_CTX_new() else { fatalError("out of memory for a context") }
    unsafe self.context = context
  }

  deinit {
    // Nobody else has the pointer.
    unsafe EVP_MD_CTX_free(context)
  }

  /// Signs with a private key.
  mutating func sign(_ bytes: [UInt8], with key: borrowing KeyHandle) -> Signature {
    var signed = [UInt8](repeating: 0, count: Signature.size)
    var size = signed.count
    // Pointers cover the arrays; OpenSSL writes at most `size` bytes and keeps no pointer.
    let result = unsafe key.withPointer { key in
      guard unsafe EVP_MD_CTX_reset(context) == 1,
        unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      else { return Int32(0) }
      return unsafe signed.withUnsafeMutableBufferPointer { signed in
        unsafe bytes.withUnsafeBufferPointer {
          unsafe EVP_DigestSign(context, signed.baseAddress, &size, $0.baseAddress, $0.count)
        }
      }
    }
    guard result == 1, let signature = Signature(bytes: signed) else {
      fatalError("a private Ed25519 key signs everything: \(CryptoError.lastReason())")
    }
    return signature
  }

  /// Whether the signature is one of these bytes by the key's owner.
  mutating func isValid(
    _ signature: Signature,
    of bytes: [UInt8],
    by key: borrowing KeyHandle
  ) -> Bool {
    let signed = signature.bytes
    // Pointers cover the arrays, are only read, and are not kept.
    let result = unsafe key.withPointer { key in
      guard unsafe EVP_MD_CTX_reset(context) == 1,
        unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      else { return Int32(0) }
      return unsafe signed.withUnsafeBufferPointer { signed in
        unsafe bytes.withUnsafeBufferPointer {
          unsafe EVP_DigestVerify(
            context,
            signed.baseAddress,
            signed.count,
            $0.baseAddress,
            $0.count
          )
        }
      }
    }
    if result != 1 { ERR_clear_error() }
    return result == 1
  }
}
