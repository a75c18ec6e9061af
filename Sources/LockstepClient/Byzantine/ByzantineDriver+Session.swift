import ClientProtocol
import Consensus
import Wire

/// The session: opened at the first request that needs one, replaced when it has expired.
extension ByzantineDriver {
  /// Lets as many writes go as the window has room for.
  func releaseWrites() {
    while let call = waitingWrites.first {
      guard !call.isFinished else {
        waitingWrites.removeFirst()
        continue
      }
      guard case .open(var window) = session else { return openSession() }
      guard case .write(let command) = call.work, let sequence = window.take() else { return }
      session = .open(window)
      waitingWrites.removeFirst()
      call.write = WriteID(session: window.id, sequence: sequence)
      order(
        ClientRequest(.write, session: window.id, sequence: sequence, command: .init(command)),
        for: call
      )
    }
  }

  /// Lets as many reads go as may be under way.
  func releaseReads() {
    while let call = waitingReads.first {
      guard !call.isFinished else {
        waitingReads.removeFirst()
        continue
      }
      guard case .open(let window) = session else { return openSession() }
      guard readsInFlight < Self.readsMax else { return }
      waitingReads.removeFirst()
      switch call.work {
      case .read(let query, _): orderRead(query, in: window.id, for: call)
      case .stream(let query, _, _):
        let next = call.cursor == 0 ? query : Query(.next(cursor: call.cursor)).encoded()
        orderRead(next, in: window.id, for: call)
      case .connect, .openSession, .closeSession, .write, .outcome, .status, .receipt,
        .transferLeader, .changeMembers:
        break
      }
    }
  }

  func orderRead(_ query: [UInt8], in session: UInt64, for call: Call?) {
    readsInFlight += 1
    lastReadNumber += 1
    order(
      ClientRequest(.read, session: session, sequence: lastReadNumber, command: .init(query)),
      for: call
    )
  }

  /// What to tell the cluster about earlier answers, in the session of this write.
  func answeredThrough(of request: ClientRequest) -> UInt64 {
    guard case .open(let window) = session, window.id == request.session else { return 0 }
    return window.answeredThrough
  }

  /// Notes what the end of a write means for its session.
  func settle(_ call: Call, _ result: Result<Answer, LockstepError>) {
    guard case .write = call.work, let write = call.write,
      case .open(var window) = session, window.id == write.session
    else { return }
    if result.failure?.outcome == .unknown {
      window.abandon(write.sequence)
    } else {
      window.settle(write.sequence)
    }
    session = .open(window)
    releaseWrites()
  }

  private func openSession() {
    guard case .none = session, sessionNotBefore <= now else { return }
    session = .opening
    // The nonce stays the same over all tries, so that they find one session. Nodes keep 48 bits
    // of it, and the client's number.
    let nonce = sessionNonce ?? UInt64.random(in: 1..<1 << 48, using: &random)
    sessionNonce = nonce
    let call = Call(
      id: ownCallID(),
      work: .openSession(nonce: nonce),
      timeoutMicroseconds: options.timeoutMicroseconds,
      now: now
    ) { [weak self] in self?.sessionOpened($0) }
    opener = call
    enter(call)
  }

  private func sessionOpened(_ result: Result<Answer, LockstepError>) {
    let nonce = sessionNonce
    words.removeAll { $0 == nonce }
    opener = nil
    switch result {
    case .success(let answer):
      sessionNonce = nil
      guard case .session(let id) = answer.body else { return sessionFailed(.unexpectedAnswer) }
      session = .open(SessionWindow(id: id, size: Limits.sessionWindow))
      attach(to: id)
      releaseWrites()
      releaseReads()
    case .failure(let error): sessionFailed(error)
    }
  }

  /// A retryable failure is tried anew while calls wait, which have deadlines of their own.
  private func sessionFailed(_ error: LockstepError) {
    session = .none
    sessionNotBefore = now + Backoff.overloaded.delay(retry: 4, using: &random)
    let waiting = waitingWrites + waitingReads
    waitingWrites = []
    waitingReads = []
    for call in waiting where !call.isFinished {
      call.lastRefusal = error
      if error.isRetryable {
        later.append((sessionNotBefore, call))
      } else {
        fail(call, error.with(outcome: .notApplied))
      }
    }
  }

  /// The cluster does not know the session of this request any more.
  func sessionExpired(_ call: Call, _ error: LockstepError) {
    if case .open(let window) = session, window.id == call.write?.session {
      session = .none
      words.removeAll { $0 == window.id }
    }
    guard case .write = call.work, !call.isUncertain else { return fail(call, error) }
    // Nothing of it was ever applied: a new session may carry it.
    call.write = nil
    due.append(call)
  }

  /// An id for a call of our own, out of the callers' range.
  func ownCallID() -> UInt64 {
    nextRequestID += 1
    return nextRequestID | 1 << 62
  }
}
