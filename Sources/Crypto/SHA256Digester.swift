package import Consensus
import Synchronization

/// Names bytes by their SHA-256, with one context that is used again and again.
///
/// A thread that digests much has a digester of its own, so that nobody waits for the lock.
package final class SHA256Digester: Digester {
  private let running = Mutex(SHA256())

  /// A digester with a context of its own.
  package init() {}

  /// The SHA-256 of the domain's byte followed by these.
  package func digest(of bytes: [UInt8], domain: DigestDomain) -> Digest {
    running.withLock { running in
      running.update(domain.rawValue)
      running.update(bytes)
      return running.finish()
    }
  }
}
