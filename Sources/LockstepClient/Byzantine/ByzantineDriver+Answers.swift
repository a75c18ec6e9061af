import ClientProtocol
import Consensus
import Transport
import Wire

/// What nodes say, and what is believed of it.
extension ByzantineDriver {
  /// A node says what became of a request.
  func receive(_ reply: OrderedReply, from link: ReplicaLink) {
    learn(view: reply.view, from: link)
    guard let kind = ClientRequest.Kind(rawValue: reply.requestKind) else { return }
    let key = RequestKey(kind: kind, session: reply.session, sequence: reply.sequence)
    guard let operation = operations[key] else { return }
    let word = ReplyVotes.Word(index: reply.index, body: reply.body)
    guard operation.votes.note(word, from: link.node.id) >= credentials.proofCount else { return }
    decide(operation, word, saidLastBy: link)
  }

  /// The view that at least one honest node has reached: a lie about it misleads nobody.
  private func learn(view: UInt64, from link: ReplicaLink) {
    guard view != link.view else { return }
    link.view = view
    let known = links.map(\.view).sorted(by: >)[credentials.faultsMax]
    guard known != self.view else { return }
    self.view = known
    let primary = primary.node
    emit(.leaderChanged(node: primary.id, address: primary.address.description))
  }

  private func decide(
    _ operation: OrderedOperation,
    _ word: ReplyVotes.Word,
    saidLastBy link: ReplicaLink
  ) {
    if let envelope = operation.envelope {
      // Sent twice it was the same envelope: answers take no longer than since the first time.
      if envelope.tries <= 2 {
        responseTime.note(microseconds: now - min(envelope.sentAt, now))
      }
      if envelope.id >= answered.id { answered = (envelope.id, now) }
    }
    let call = operation.call
    drop(operation)
    guard let call else { return }
    for node in operation.votes.dissenters(from: word) {
      emit(.contradicted(node: node, requestID: call.id))
    }
    let head = Reply.Head(
      node: link.node.id,
      leader: primary.node.id,
      leaderAddress: "",
      revision: word.index
    )
    if case .error(let refused) = word.body { return decided(refused, for: call) }
    guard case .stream(_, _, let buffer) = call.work else {
      return finish(call, .success(Answer(head: head, body: word.body, write: call.write)))
    }
    receivePage(word.body, head, for: call, buffer)
  }

  /// The cluster will not carry a request out.
  private func decided(_ refused: Reply.Refused, for call: Call) {
    let error = LockstepError(refused.code, refused.message, outcome: refused.outcome)
    switch (refused.code, call.work) {
    case (.sessionExpired, .outcome):
      // The session is gone, or another client's: there is nothing to be known of it.
      let head = Reply.Head(node: 0, leader: 0, leaderAddress: "", revision: 0)
      finish(call, .success(Answer(head: head, body: .outcome(.sessionExpired))))
    case (.sessionExpired, _): sessionExpired(call, error)
    default: fail(call, error)
    }
  }

  /// What a node answers by itself: how it stands, refusals, and its part of a fast read.
  func receive(_ reply: Reply, _ requestID: UInt64, from link: ReplicaLink) {
    if let call = link.inFlight.removeValue(forKey: requestID) {
      guard case .error(let refused) = reply.body else {
        return finish(call, .success(Answer(head: reply.head, body: reply.body, write: nil)))
      }
      if follows(reply.head, refused.code, call) { return }
      return fail(call, LockstepError(refused.code, refused.message, outcome: refused.outcome))
    }
    if let read = fastReads[requestID] { return receive(reply, of: read, from: link) }
    unattached.ids.removeAll { $0 == requestID }
    if case .error(let refused) = reply.body, let envelope = envelopes[requestID] {
      self.refused(envelope, refused, by: link)
    }
  }

  /// Asks the node that is said to lead, where only that one can do it.
  private func follows(_ head: Reply.Head, _ code: ErrorCode, _ call: Call) -> Bool {
    guard case .notLeader = code, case .transferLeader(let target) = call.work,
      call.redirects < links.count,
      let link = links.first(where: { $0.node.id == head.leader && $0.ready != nil })
    else { return false }
    call.redirects += 1
    ask(link, .transferLeader(target: target), for: call)
    return true
  }

  // MARK: - Streams: every page is an ordered read

  private func receivePage(
    _ body: Reply.Body,
    _ head: Reply.Head,
    for call: Call,
    _ buffer: PageBuffer
  ) {
    guard case .result(let bytes) = body else { return fail(call, .unexpectedAnswer) }
    call.hasPages = true
    call.credit -= 1
    call.cursor = QueryReply.cursor(ofEncoded: bytes)
    buffer.deliver(PageBuffer.Page(bytes: bytes, servedBy: head.node))
    guard call.cursor != 0 else {
      return finish(call, .success(Answer(head: head, body: .done)))
    }
    goOn(call)
  }

  func giveCredit(_ id: UInt64) {
    guard let call = calls[id] else { return }
    call.credit += 1
    // It may be on its way to the next page already.
    if call.deadline == .max { goOn(call) }
  }

  /// Asks for the next page, if the reader has room; its deadline counts from here.
  private func goOn(_ call: Call) {
    guard call.credit > 0 else {
      call.deadline = .max
      return
    }
    call.deadline = now + call.timeoutMicroseconds
    nextDeadline = min(nextDeadline, call.deadline)
    due.append(call)
  }

  /// Lets the cluster forget a scan that nobody reads on.
  func closeCursor(of call: Call) {
    guard call.cursor != 0, let window = session else { return }
    orderRead(Query(.closeCursor(call.cursor)).encoded(), in: window.id, for: nil)
    call.cursor = 0
  }
}
