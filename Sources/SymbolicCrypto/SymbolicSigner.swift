package import Consensus

/// A key of a simulation: its signature is a tag under a secret that only its verifiers share.
package struct SymbolicSigner: Signer {
  private let secret: (UInt64, UInt64)

  /// The name under which it signs; it says nothing about the secret.
  package let publicKey: PublicKey

  init(using random: inout RandomSource) {
    secret = (random.next(), random.next())
    publicKey = PublicKey(
      bits: Bits256(random.next(), random.next(), random.next(), random.next())
    )
  }

  /// Signs the bytes: 16 bytes of tag, and zeros where Ed25519 has more.
  package func sign(_ bytes: [UInt8]) -> Signature {
    let tag = SipHash.tag(of: bytes, key: secret)
    return Signature(first: Bits256(tag.0, tag.1, 0, 0), second: .zero)
  }
}
