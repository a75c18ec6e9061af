import COpenSSL
package import Consensus
import Synchronization

/// A private Ed25519 key (RFC 8032): signs, and is overwritten when it goes.
package final class PrivateKey: Signer {
  let handle: KeyHandle
  private let context = Mutex(MessageContext())

  /// The name that goes with it.
  package let publicKey: PublicKey

  init(_ handle: consuming KeyHandle) throws(CryptoError) {
    publicKey = try handle.publicKey()
    self.handle = handle
  }

  /// A key that never was.
  ///
  /// - Throws: `CryptoError.library` if the system has no randomness to give.
  package static func generate() throws(CryptoError) -> PrivateKey {
    // The pointer comes with a reference of ours, which the handle takes over.
    guard let key = unsafe lockstep_ed25519_generate() else {
      throw .library(doing: "making a key", reason: CryptoError.lastReason())
    }
    return try unsafe PrivateKey(KeyHandle(owning: key))
  }

  /// The key of a seed, the 32 bytes that RFC 8032 calls the private key.
  ///
  /// - Throws: `CryptoError.badKey` if there are more or fewer bytes.
  package convenience init(seed: [UInt8]) throws(CryptoError) {
    // The call reads exactly the array and copies it; the handle takes over the reference.
    let key = unsafe seed.withUnsafeBufferPointer {
      unsafe EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count)
    }
    guard seed.count == Bits256.size, let key = unsafe key else {
      if let key = unsafe key { unsafe EVP_PKEY_free(key) }
      ERR_clear_error()
      throw .badKey("the seed", reason: "\(seed.count) bytes, 32 are needed")
    }
    try unsafe self.init(KeyHandle(owning: key))
  }

  /// Signs the bytes.
  package func sign(_ bytes: [UInt8]) -> Signature {
    context.withLock { $0.sign(bytes, with: handle) }
  }
}
