/// Tells signatures from forgeries.
///
/// The answer depends on the three values alone, so that evidence convinces everybody or nobody.
package protocol Verifier: Sendable {
  /// Whether the owner of `key` signed exactly these bytes; false too where `key` is no key.
  func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool
}
