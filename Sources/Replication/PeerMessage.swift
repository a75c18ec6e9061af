package import Consensus

/// What replicas say to each other: their cores' messages, and requests passed to the leader.
package enum PeerMessage<Message: Sendable>: Sendable {
  /// A core speaks to a core.
  case consensus(Message)
  /// A client's request, passed on to the leader. The sender answers it from its own apply.
  case forward(ClientRequest)
  /// The leader will not propose a forwarded request.
  case forwardRefused(RequestKey, Refusal)
  /// What the sender's results came to.
  case digests(DigestReport)
}

extension PeerMessage: Equatable where Message: Equatable {}
