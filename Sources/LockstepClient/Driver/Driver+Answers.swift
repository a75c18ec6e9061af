import ClientProtocol
import Transport
import Wire

/// What answers mean for the calls that wait.
extension Driver {
  /// How often a call follows hints at once before it waits like everybody else.
  private static let redirectsMax = 4

  func receive(_ reply: Reply, _ head: FrameHead, from link: NodeLink) {
    learn(reply.head, from: link)
    if case .status(let status) = reply.body { learn(status.members) }
    askForMembers(link)
    guard let call = link.inFlight[head.requestID] else { return }
    if case .error(let refused) = reply.body {
      link.inFlight[head.requestID] = nil
      handle(refused, reply.head, for: call, from: link)
      return
    }
    if case .stream(_, _, let buffer) = call.work {
      receivePage(reply, isLast: !head.flags.contains(.more), for: call, buffer)
      return
    }
    var answer = Answer(head: reply.head, body: reply.body, write: call.write)
    answer.isUncertain = call.isUncertain
    finish(call, .success(answer))
  }

  private func receivePage(_ reply: Reply, isLast: Bool, for call: Call, _ buffer: PageBuffer) {
    guard case .result(let bytes) = reply.body else { return fail(call, .unexpectedAnswer) }
    call.hasPages = true
    call.credit -= 1
    buffer.deliver(PageBuffer.Page(bytes: bytes, servedBy: reply.head.node))
    if isLast {
      finish(call, .success(Answer(head: reply.head, body: .done)))
    } else {
      restartDeadline(of: call)
    }
  }

  /// A stream's deadline counts from its last page, and only while a page may come.
  private func restartDeadline(of call: Call) {
    cancelAlarm(&call.deadlineTimer)
    guard call.credit > 0 else { return }
    call.deadline = now + call.timeoutMicroseconds
    call.deadlineTimer = setAlarm(.deadline(call), at: call.deadline)
  }

  func giveCredit(_ id: UInt64) {
    guard let call = calls[id], let link = call.link, link.inFlight[call.requestID] != nil,
      let connection = link.ready
    else { return }
    call.credit += 1
    restartDeadline(of: call)
    scratch.removeAll()
    Request.credit(frames: 1).writeFrame(into: &scratch, requestID: call.requestID)
    transmit(over: link, connection)
  }

  private func handle(
    _ refused: Reply.Refused,
    _ head: Reply.Head,
    for call: Call,
    from link: NodeLink
  ) {
    var error = LockstepError(refused.code, refused.message, outcome: refused.outcome)
    error.currentRevision = refused.currentRevision == 0 ? nil : refused.currentRevision
    call.lastRefusal = error
    if refused.outcome == .unknown, call.work.changesState { call.isUncertain = true }
    guard !call.hasPages else { return fail(call, error) }
    switch refused.code {
    case .notLeader, .noLeader, .leadershipLost, .transferInProgress, .nodeFenced:
      seekLeader(for: call, head, from: link)
    case .leaderUnsettled: retry(call, .leaderless)
    case .sessionExpired: sessionExpired(call, error)
    case .overloaded, .diskFull, .tooManySessions, .tooStale, .statesDiffer:
      retry(call, .overloaded, atLeast: UInt64(refused.retryAfterMilliseconds) * 1_000)
    case .deadlineExceeded where call.isOurs:
      retry(call, .overloaded)
    default: fail(call, error)
    }
  }

  private func seekLeader(for call: Call, _ head: Reply.Head, from link: NodeLink) {
    switch call.work {
    case .transferLeader where call.isUncertain, .changeMembers where call.isUncertain:
      return fail(call, call.lastRefusal ?? .unexpectedAnswer)
    default: break
    }
    if leader == link.nodeID, head.leader != link.nodeID {
      leader = nil
      learn(head, from: link)
    }
    if let leader, leader != link.nodeID, call.redirects < Self.redirectsMax {
      call.redirects += 1
      due.append(call)
      return
    }
    waitingForLeader[call.id] = call
    retry(call, .leaderless)
  }

  /// Sends a call again after a while, unless its deadline comes first.
  func retry(_ call: Call, _ backoff: Backoff, atLeast hint: UInt64 = 0) {
    let delay = max(backoff.delay(retry: call.retries, using: &random), hint)
    call.retries += 1
    emit(.retrying(requestID: call.id, code: call.lastRefusal?.code, attempt: call.retries))
    call.retryTimer = setAlarm(.retry(call), at: now + delay)
  }

  /// Sends calls again whose answers may never come: every write carries its session and
  /// sequence, so that a copy that did arrive is not applied again.
  func sendElsewhere(_ calls: [Call], because error: LockstepError) {
    for call in calls {
      call.link?.inFlight[call.requestID] = nil
      if call.work.changesState { call.isUncertain = true }
      call.lastRefusal = error
      switch call.work {
      case .stream where call.hasPages: fail(call, error)
      case .transferLeader, .changeMembers, .closeSession: fail(call, error)
      default:
        call.retries += 1
        emit(.retrying(requestID: call.id, code: error.code, attempt: call.retries))
        due.append(call)
      }
    }
  }
}
