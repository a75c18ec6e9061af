/// Whoever holds a private key.
///
/// The caller puts in front of the bytes what keeps apart kinds of messages, clusters and modes.
/// Equal bytes give equal signatures: to sign again what was signed before is no second vote.
package protocol Signer: Sendable {
  /// The name that goes with the private key.
  var publicKey: PublicKey { get }

  /// Signs the bytes.
  func sign(_ bytes: [UInt8]) -> Signature
}
