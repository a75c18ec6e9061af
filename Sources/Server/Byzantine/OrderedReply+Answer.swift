import ClientProtocol
import Consensus
import Replication
import Wire

extension OrderedReply {
  /// What goes to the client.
  init(_ answer: OrderedAnswer, view: UInt64) {
    self.init(
      requestKind: answer.key.kind.rawValue,
      session: answer.key.session,
      sequence: answer.key.sequence,
      index: answer.index.rawValue,
      view: view,
      body: Self.body(of: answer.reply)
    )
  }

  static func body(of reply: ReplicaReply) -> Reply.Body {
    switch reply {
    case .applied(_, let bytes): .result(bytes.array)
    case .answer(_, let bytes), .objection(let bytes): .result(bytes)
    case .registered(let session): .session(session)
    case .closed, .transferred, .reconfigured: .done
    case .refused(let refusal): .error(refusal.error)
    case .outcome(.committed(_, let bytes)): .outcome(.committed(bytes.array))
    case .outcome(.neverCommitted): .outcome(.neverApplied)
    case .outcome(.sessionExpired): .outcome(.sessionExpired)
    case .outcome(.answeredBefore): .error(.forgotten)
    }
  }
}

extension Reply.Refused {
  /// The client has said that it waits for this write no more, and its reply was let go.
  static let forgotten = Reply.Refused(
    .sequenceAnswered,
    "the client waits for this write no more, and what became of it is forgotten",
    outcome: .unknown
  )
}
