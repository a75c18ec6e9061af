import Consensus
import SymbolicCrypto
import Wire

/// What committed requests come to: a chain over all that were applied, each once.
///
/// Equal states have equal roots, and the root after a request is its result.
struct ScheduledState: Sendable {
  private(set) var index = LogIndex.zero
  private(set) var root = Digest.zero
  private var applied: Set<ScheduledKey> = []

  /// Applies an entry; the result of a request that is new, and nil for anything else.
  mutating func apply(_ entry: Committed) -> Digest? {
    index = entry.index
    guard case .signed(let request, let client) = entry.payload,
      applied.insert(ScheduledKey(client: client, key: request.key)).inserted
    else { return nil }
    root = SymbolicDigester().digest(of: root.bytes + request.encoded(), domain: .leaf)
    return root
  }

  func hasApplied(_ envelope: SignedEnvelope, by client: ClientNumber) -> Bool {
    envelope.requests.allSatisfy {
      applied.contains(ScheduledKey(client: client, key: $0.key))
    }
  }
}

/// Names a request for ever.
struct ScheduledKey: Hashable, Sendable {
  let client: ClientNumber
  let key: RequestKey
}
