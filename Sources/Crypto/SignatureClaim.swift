package import Consensus

/// Somebody says that the owner of a key signed these bytes.
package struct SignatureClaim: Sendable {
  /// What is shown for it.
  package let signature: Signature
  /// What is said to be signed.
  package let bytes: [UInt8]
  /// Whose key it is said to be.
  package let key: PublicKey

  package init(signature: Signature, bytes: [UInt8], key: PublicKey) {
    self.signature = signature
    self.bytes = bytes
    self.key = key
  }
}
