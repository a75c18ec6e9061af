package import Consensus
package import PBFT
package import Replication

/// What stands between a node and its words to others, and bends them.
///
/// Nothing in the product conforms to it: only the binary `lockstep-liar` does, which is made to be
/// caught (decision 0050).
package protocol Misconduct: AnyObject {
  /// What a member is sent instead of a message: the same, others, or nothing.
  func words(insteadOf message: PBFTMessage, to member: Member, at now: UInt64) -> [PBFTMessage]

  /// What was kept back and leaves now.
  func lateWords(at now: UInt64) -> [Envelope<PBFTMessage>]

  /// What a client is told instead of what its request came to.
  func reply(insteadOf reply: ReplicaReply) -> ReplicaReply

  /// Whether an envelope is taken, whoever brings it.
  func heeds(_ envelope: SignedEnvelope) -> Bool
}
