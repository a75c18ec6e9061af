package import Consensus

/// The keys of one simulation, made from its seed: who holds a signer can sign, everybody can
/// verify, and the secrets leave this room in no other way.
package struct SymbolicKeys: Verifier {
  private var secrets: [PublicKey: SymbolicSigner] = [:]

  /// The signers, in the order of their numbers.
  package private(set) var signers: [SymbolicSigner] = []

  /// So many keys, the same for equal seeds.
  package init(count: Int, seed: UInt64) {
    var random = RandomSource(seed: seed)
    for _ in 0..<count {
      let signer = SymbolicSigner(using: &random)
      signers.append(signer)
      secrets[signer.publicKey] = signer
    }
  }

  /// Whether the owner of `key` signed exactly these bytes; false too where nobody owns it.
  package func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    secrets[key]?.sign(bytes) == signature
  }
}
