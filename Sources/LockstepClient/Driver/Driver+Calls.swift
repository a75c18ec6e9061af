import ClientProtocol
import Transport
import Wire

/// Sending calls, and giving them up.
extension Driver {
  /// How many pages of a stream may be on their way.
  static let streamCredit: UInt16 = 4
  /// How long a first connection waits for the other nodes once one has answered.
  private static let gatheringMicroseconds: UInt64 = 100_000

  func enter(_ call: Call) {
    calls[call.id] = call
    call.deadlineTimer = setAlarm(.deadline(call), at: call.deadline)
    due.append(call)
  }

  func dispatch(_ call: Call) {
    guard !call.isFinished else { return }
    if case .write = call.work, call.write == nil, !claimSequence(for: call) { return }
    if case .receipt = call.work {
      return fail(call, LockstepError(.wrongMode, "nodes of a cluster of mode raft sign nothing"))
    }
    guard let link = chooseLink(for: call), let connection = link.ready else {
      waitingForLink[call.id] = call
      return
    }
    if case .connect = call.work { return connect(call, by: link) }
    send(call, over: link, connection)
  }

  /// Ends a first connection once each node that the URL names has said who it is, or a while has
  /// passed: nobody can say which of two clusters was meant.
  private func connect(_ call: Call, by link: NodeLink) {
    let named = links.prefix(options.addresses.count)
    if let stranger = named.compactMap(\.lastError).first(where: { $0.code == .wrongCluster }) {
      return fail(call, stranger)
    }
    let end = call.startedAt + Self.gatheringMicroseconds
    if named.contains(where: \.isUnheard), now < end {
      waitingForLink[call.id] = call
      cancelAlarm(&call.retryTimer)
      call.retryTimer = setAlarm(.retry(call), at: end)
      return
    }
    let head = Reply.Head(node: link.nodeID ?? 0, leader: 0, leaderAddress: "", revision: 0)
    finish(call, .success(Answer(head: head, body: .done)))
  }

  private func send(_ call: Call, over link: NodeLink, _ connection: Connection) {
    nextRequestID += 1
    call.requestID = nextRequestID
    call.link = link
    if link.inFlight.isEmpty { link.waitingSince = now }
    link.inFlight[nextRequestID] = call
    let left = call.deadline > now ? (call.deadline - now) / 1_000 : 0
    scratch.removeAll()
    request(for: call).writeFrame(
      into: &scratch,
      requestID: nextRequestID,
      flags: .mayForward,
      deadlineMilliseconds: UInt32(clamping: max(left, 1))
    )
    transmit(over: link, connection)
  }

  /// Sends what `scratch` holds.
  func transmit(over link: NodeLink, _ connection: Connection) {
    do {
      try connection.send(scratch.storage, in: 0..<scratch.count)
    } catch {
      connection.close()
      lose(link, LockstepError(.connectionLost, error.description))
    }
  }

  private func request(for call: Call) -> Request {
    switch call.work {
    case .openSession(let nonce): return .openSession(nonce: nonce)
    case .closeSession(let session): return .closeSession(session: session)
    case .write(let command):
      return .write(
        WriteRequest(
          session: call.write?.session ?? 0,
          sequence: call.write?.sequence ?? 0,
          answeredThrough: answeredThrough(in: call.write?.session),
          command: Bytes(command)
        )
      )
    case .read(let query, let consistency):
      return .read(ReadRequest(consistency, atLeastRevision: highestRevision, query: query))
    case .stream(let query, let consistency, _):
      call.credit = Int(Self.streamCredit)
      return .read(
        ReadRequest(
          consistency,
          atLeastRevision: highestRevision,
          streamCredit: Self.streamCredit,
          query: query
        )
      )
    case .outcome(let write): return .outcome(session: write.session, sequence: write.sequence)
    case .transferLeader(let target): return .transferLeader(target: target)
    case .changeMembers(let change): return .changeMembers(change)
    case .status: return .status
    case .connect, .receipt: return .ping
    }
  }

  func forget(_ call: Call) {
    waitingForLink[call.id] = nil
    waitingForLeader[call.id] = nil
    waitingForSequence.remove(call.id)
    cancelAlarm(&call.deadlineTimer)
    cancelAlarm(&call.retryTimer)
    call.link?.inFlight[call.requestID] = nil
  }

  func cancel(_ id: UInt64) {
    guard let call = calls[id] else { return }
    tellNobodyWaits(call)
    fail(call, LockstepError(.cancelled, "the call was cancelled", outcome: .notApplied))
  }

  func deadlinePassed(_ call: Call) {
    call.deadlineTimer = nil
    tellNobodyWaits(call)
    fail(call, deadlineError(of: call))
  }

  private func tellNobodyWaits(_ call: Call) {
    guard let link = call.link, link.inFlight[call.requestID] != nil, let connection = link.ready
    else { return }
    scratch.removeAll()
    Request.cancel.writeFrame(into: &scratch, requestID: call.requestID)
    // The answer that may still come belongs to nobody.
    link.inFlight[call.requestID] = nil
    if call.work.changesState { call.isUncertain = true }
    transmit(over: link, connection)
  }

  /// The call that a write without a session waits for.
  private func waitsForSession(_ call: Call) -> Call? {
    if case .write = call.work, call.write == nil { opener } else { nil }
  }

  private func deadlineError(of call: Call) -> LockstepError {
    let waited = "within \(call.timeoutMicroseconds / 1_000) ms"
    let outcome: RequestOutcome = call.isUncertain ? .unknown : .notApplied
    guard links.contains(where: { $0.ready != nil }) || call.isUncertain else {
      return cannotConnect()
    }
    guard let refusal = call.lastRefusal ?? waitsForSession(call)?.lastRefusal else {
      return LockstepError(.deadlineExceeded, "no answer \(waited)", outcome: outcome)
    }
    if !call.isUncertain, refusal.isRetryable {
      var error = refusal
      error.message = "\(refusal.message), \(waited) and \(call.retries + 1) tries"
      error.outcome = .notApplied
      return error
    }
    let message = "no answer \(waited); the last word was: \(refusal.message)"
    return LockstepError(.deadlineExceeded, message, outcome: outcome)
  }
}
