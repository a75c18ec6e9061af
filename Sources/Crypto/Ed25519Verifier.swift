package import Consensus
import Synchronization

/// Verifies Ed25519 signatures (RFC 8032 §5.1.7, without the cofactor), strictly.
///
/// Keys known ahead are parsed once. A thread that verifies much has a verifier of its own, so
/// that nobody waits for the lock.
package final class Ed25519Verifier: Verifier {
  /// A key behind a reference, so that a table can hold it.
  private final class Parsed {
    let key: KeyHandle

    init(_ key: consuming KeyHandle) {
      self.key = key
    }
  }

  private struct State: ~Copyable {
    var context = MessageContext()
    let known: [PublicKey: Parsed]
  }

  private let state: Mutex<State>

  /// A verifier that need not parse these keys again; it judges all others as well.
  package init(keys: [PublicKey] = []) {
    var known: [PublicKey: Parsed] = [:]
    for key in keys { known[key] = Self.parse(key) }
    state = Mutex(State(known: known))
  }

  /// Whether the owner of `key` signed exactly these bytes; false too where `key` is no key.
  package func isValid(_ signature: Signature, of bytes: [UInt8], by key: PublicKey) -> Bool {
    guard PointEncoding.isStrict(signature.first) else { return false }
    return state.withLock { state in
      guard let parsed = state.known[key] ?? Self.parse(key) else { return false }
      return state.context.isValid(signature, of: bytes, by: parsed.key)
    }
  }

  private static func parse(_ key: PublicKey) -> Parsed? {
    guard PointEncoding.isStrict(key.bits), let handle = KeyHandle(key) else { return nil }
    return Parsed(handle)
  }
}
