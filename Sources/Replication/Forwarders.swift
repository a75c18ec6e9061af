import Consensus

/// Which follower passed on a request that is proposed here, so that a refusal finds its way.
struct Forwarders: Sendable {
  private var senders: [RequestKey: Member] = [:]

  /// Whether a request was passed on and neither refused nor applied since.
  func know(_ key: RequestKey) -> Bool {
    !senders.isEmpty && senders[key] != nil
  }

  /// Remembers who passed a request on.
  mutating func add(_ key: RequestKey, _ sender: Member) {
    senders[key] = sender
  }

  /// Forgets, and says, who passed a request on.
  mutating func take(_ key: RequestKey) -> Member? {
    senders.isEmpty ? nil : senders.removeValue(forKey: key)
  }

  /// Forgets everybody.
  mutating func removeAll() {
    senders.removeAll()
  }
}
