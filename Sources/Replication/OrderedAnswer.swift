package import Consensus

/// What a signed request came to, for its client wherever that listens.
package struct OrderedAnswer: Equatable, Sendable {
  /// Who asked.
  package var client: ClientNumber
  /// What was asked.
  package var key: RequestKey
  /// Where it was applied: for a write that was applied before, where it was the first time.
  package var index: LogIndex
  /// What it came to.
  package var reply: ReplicaReply

  init(to client: ClientNumber, _ key: RequestKey, _ reply: ReplicaReply, at index: LogIndex) {
    self.client = client
    self.key = key
    self.reply = reply
    if case .applied(let first, _) = reply {
      self.index = first
    } else {
      self.index = index
    }
  }
}
