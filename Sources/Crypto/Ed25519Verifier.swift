package import Consensus
import Synchronization

/// Verifies Ed25519 signatures (RFC 8032 §5.1.7, without the cofactor), strictly.
///
/// Keys known ahead are parsed once, and are multiplied by tables. A thread that verifies much has
/// a verifier of its own, so that nobody waits for the lock.
package final class Ed25519Verifier: Verifier {
  private let known: KnownKeys
  private let context = Mutex(MessageContext())

  /// A verifier that knows these keys; it judges all others as well.
  package init(known: KnownKeys) {
    self.known = known
  }

  /// A verifier that need not parse these keys again.
  package convenience init(keys: [PublicKey] = []) {
    self.init(known: KnownKeys(keys))
  }

  /// Whether the owner of `key` signed exactly these bytes; false too where `key` is no key.
  ///
  /// A table only ever says yes: whatever it does not find good is OpenSSL's to judge, so that all
  /// nodes refuse the same.
  package func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    guard PointEncoding.isStrict(signature.first) else { return false }
    let parsed = known[key]
    if let table = parsed?.table, table.isValid(signature, of: bytes) { return true }
    return context.withLock { context in
      if let parsed { return context.isValid(signature, of: bytes, by: parsed.key) }
      guard let handle = KeyHandle(strict: key) else { return false }
      return context.isValid(signature, of: bytes, by: handle)
    }
  }
}
