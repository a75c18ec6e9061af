package import Consensus
import Wire

// A core whose members may lie orders what clients have signed, and every node answers every
// client: f+1 equal answers are what a client believes (PBFT §4.2).
extension Replica where Core: ByzantineCore {
  /// A client's envelope has come to this node, with a signature that holds.
  ///
  /// What it asks for may be applied already: then it is answered at once, and ordered no more.
  ///
  /// - Returns: Why it is not taken, if so: this node's word alone, nothing that was decided.
  package mutating func submit(
    _ envelope: SignedEnvelope
  ) -> Refusal? {
    guard let client = core.number(of: envelope.client) else { return .memberUnknown }
    if sessions.isSettled(envelope) {
      answerRemembered(envelope, of: client)
      return nil
    }
    guard !room.isFull else { return .diskFull }
    return core.submit(envelope)
  }

  /// Whether a member's message may change anything here, as far as that shows before it is
  /// verified.
  package func isOfUse(_ message: Core.Message) -> Bool { core.isOfUse(message) }

  /// How things stand.
  package var byzantineStatus: ByzantineStatus { core.byzantineStatus }

  /// A root that was due is known: the state that includes `index` has it.
  package mutating func stateRootIsKnown(_ root: Digest, at index: LogIndex) {
    core.stateRootIsKnown(root, at: index)
  }

  /// A client wants this node's word on a read, to compare it with others': 2f+1 equal ones are as
  /// good as a place in the order (docs/byzantine.md).
  ///
  /// It comes from a state that includes all that this node has committed to, or not at all.
  package mutating func readFast(_ query: [UInt8], token: ReplyToken) {
    let status = core.byzantineStatus
    // Fenced, it may have forgotten what it has committed to.
    guard status.haltReason == nil, !status.isFenced else {
      return answer(token, .refused(.fenced))
    }
    guard !status.awaitsState else { return answer(token, .refused(.tooStale)) }
    guard reads.count < options.pendingMax else { return answer(token, .refused(.overloaded)) }
    reads.addConfirmed(
      PendingReads.Read(
        query: query,
        token: token,
        atLeast: core.readBarrier,
        deadline: now.monotonicMicroseconds + options.fastReadPatienceMicroseconds
      )
    )
  }

  /// What became of a client's write, as long as it is remembered, and where it was applied.
  package func remembered(
    _ key: RequestKey,
    of client: ClientNumber
  ) -> (index: LogIndex, result: [UInt8])? {
    let request = ClientRequest(key.kind, session: key.session, sequence: key.sequence)
    guard key.kind == .write, client.owns(key.session),
      case .applied(let index, let bytes) = sessions.knownReply(to: request)
    else { return nil }
    return (index, bytes.array)
  }

  /// Answers again what is remembered.
  private mutating func answerRemembered(_ envelope: SignedEnvelope, of client: ClientNumber) {
    for request in envelope.requests {
      guard client.owns(request.session), let known = sessions.knownReply(to: request),
        case .applied(let index, _) = known
      else { continue }
      next.orderedReplies.append(OrderedAnswer(to: client, request.key, known, at: index))
    }
  }
}

extension Replica {
  /// What waits in the core may have been settled since it came.
  mutating func dropSettled() {
    let sessions = sessions
    core.dropWaiting(at: now) { sessions.isSettled($0) }
  }

  /// The state whose root is due since the last turn, if there is one.
  package mutating func takeStateRootOrder() -> StateRootOrder<Machine>? {
    defer { stateRootOrder = nil }
    return stateRootOrder
  }

  /// Applies a signed request and answers it, whoever waits.
  ///
  /// A command that this version does not know comes to a failure in its reply: a client that lies
  /// must not be able to stop all nodes by one. That the nodes' versions agree is seen by the
  /// roots of their states.
  mutating func apply(_ request: ClientRequest, signedBy client: ClientNumber, at place: LogPlace) {
    let reply = signedReply(to: request, of: client, at: place)
    next.orderedReplies.append(OrderedAnswer(to: client, request.key, reply, at: place.index))
  }

  /// Has the state looked at as it is, if its root is due.
  mutating func orderStateRoot(at index: LogIndex) {
    invariant(index == lastApplied, "a root is due of the state as it is")
    guard let mark = snapshots.lastApplied else { fatalError("the state includes an entry") }
    stateRootOrder = StateRootOrder(mark: mark, machine: machine, sessions: sessions)
  }

  /// Nobody finds, uses or ends the sessions of another client: their numbers bear the client's.
  private mutating func signedReply(
    to request: ClientRequest,
    of client: ClientNumber,
    at place: LogPlace
  ) -> ReplicaReply {
    switch request.kind {
    case .register:
      return sessions.register(
        nonce: client.owning(request.session),
        as: client.owning(place.index.rawValue),
        at: place.logTimeMicroseconds,
        of: client
      )
    case .read:
      return .answer(index: place.index, bytes: answer(request, of: client, at: place))
    case .write, .seal, .close:
      guard client.owns(request.session) else { return .refused(.sessionExpired) }
      return reply(to: request, at: place)
    }
  }

  private mutating func answer(
    _ request: ClientRequest,
    of client: ClientNumber,
    at place: LogPlace
  ) -> [UInt8] {
    machine.answer(request.command.array, at: place, by: client)
  }
}

extension ClientSessions {
  /// Whether all of an envelope is applied already, remembered or seen answered by its client: to
  /// order it once more would change nothing, and a replica that lies could have it done for ever.
  ///
  /// It is asked on both sides of passing on, and again while it waits, so that nobody waits for
  /// what another drops.
  func isSettled(_ envelope: SignedEnvelope) -> Bool {
    envelope.requests.allSatisfy { $0.kind == .write && isSettled($0) }
  }
}
