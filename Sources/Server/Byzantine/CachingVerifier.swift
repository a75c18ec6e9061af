import Consensus
import Crypto
import Synchronization

/// The core's verifier: answers from what other threads have found already, and finds out by
/// itself only what nobody has asked before.
final class CachingVerifier: Verifier {
  private struct Known {
    var holding = VerdictCache()
    /// Apart from the others, so that a flood of forgeries pushes out only itself.
    var failing = VerdictCache(countMax: 512, sizeMax: 1 << 20)
  }

  private let known = Mutex(Known())
  private let verifier: Ed25519Verifier

  /// A verifier that need not parse these keys again.
  init(keys: [PublicKey]) {
    verifier = Ed25519Verifier(keys: keys)
  }

  func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    let claim = SignatureClaim(signature: signature, bytes: bytes, key: key)
    if let verdict = verdict(of: claim) { return verdict }
    let holds = verifier.isValid(signature, of: bytes, by: key)
    note(claim, holds)
    return holds
  }

  /// What is known of a claim; nil if it is to be verified first.
  func verdict(of claim: SignatureClaim) -> Bool? {
    known.withLock { $0.holding.verdict(of: claim) ?? $0.failing.verdict(of: claim) }
  }

  /// Takes over what somebody has found.
  func note(_ claim: SignatureClaim, _ holds: Bool) {
    known.withLock { known in
      if holds {
        known.holding.note(claim, true)
      } else {
        known.failing.note(claim, false)
      }
    }
  }
}

/// Signs, and lets the verifier know its own signatures.
struct NotingSigner: Signer {
  let key: PrivateKey
  let verifier: CachingVerifier

  var publicKey: PublicKey { key.publicKey }

  func sign(_ bytes: [UInt8]) -> Signature {
    let signature = key.sign(bytes)
    verifier.note(SignatureClaim(signature: signature, bytes: bytes, key: key.publicKey), true)
    return signature
  }
}
