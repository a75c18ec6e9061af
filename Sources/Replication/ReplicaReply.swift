package import Consensus
package import Wire

/// What a request came to, for the client that waits for it.
package enum ReplicaReply: Equatable, Sendable {
  /// The write was applied at `index`, now or when it first arrived; the state machine's reply.
  case applied(index: LogIndex, bytes: CompactBytes)
  /// A session was opened; its id is the index of its registration.
  case registered(session: UInt64)
  /// The session is closed.
  case closed
  /// What became of a sequence, settled for ever.
  case outcome(SealedOutcome)
  /// The answer to a read, from a state that includes `index`.
  case answer(index: LogIndex, bytes: [UInt8])
  /// The state machine objects; nothing was proposed.
  case objection(bytes: [UInt8])
  /// Leadership went to another node.
  case transferred(to: NodeID)
  /// The members are changed, by the configuration at `index`.
  case reconfigured(index: LogIndex)
  /// It was not carried out.
  case refused(Refusal)
}

extension ReplicaReply {
  /// How many bytes of the state it has.
  var size: Int {
    switch self {
    case .applied(_, let bytes), .outcome(.committed(_, let bytes)): bytes.count
    case .answer(_, let bytes), .objection(let bytes): bytes.count
    case .registered, .closed, .outcome, .transferred, .reconfigured, .refused: 0
    }
  }
}

/// What `outcome(session, sequence)` settles for ever.
package enum SealedOutcome: Equatable, Sendable {
  /// It was applied at `index`, with this reply.
  case committed(index: LogIndex, bytes: CompactBytes)
  /// It was not applied and never will be.
  case neverCommitted
  /// The client has said earlier that it saw the reply, which is forgotten.
  case answeredBefore
  /// The session is gone, and with it the memory of its writes.
  case sessionExpired
}

/// Names whoever waits at this node; the replica only hands it back.
package struct ReplyToken: Hashable, Comparable, Sendable {
  /// The number itself.
  package let rawValue: UInt64
  /// Whoever asked, for example a connection: where there is too much for a turn, each has a share.
  package let asker: UInt64

  /// A token of this number.
  package init(_ rawValue: UInt64, asker: UInt64 = 0) {
    self.rawValue = rawValue
    self.asker = asker
  }

  /// Orders tokens by number.
  package static func < (left: ReplyToken, right: ReplyToken) -> Bool {
    left.rawValue < right.rawValue
  }
}
