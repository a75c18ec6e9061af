import ClientProtocol
import Transport

/// The session: opened at the first write, replaced when it has expired.
extension Driver {
  /// Gives a write its place in the session; false if it has to wait for one.
  func claimSequence(for call: Call) -> Bool {
    switch session {
    case .none:
      waitingForSequence[call.id] = call
      openSession()
      return false
    case .opening:
      waitingForSequence[call.id] = call
      return false
    case .open(var window):
      guard let sequence = window.take() else {
        waitingForSequence[call.id] = call
        return false
      }
      session = .open(window)
      call.write = WriteID(session: window.id, sequence: sequence)
      return true
    }
  }

  /// What to tell the cluster about earlier answers, in the session of this call.
  func answeredThrough(of call: Call) -> UInt64 {
    guard case .open(let window) = session, window.id == call.write?.session else { return 0 }
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
    releaseWaitingWrites()
  }

  /// Lets as many writes go as the window has room for.
  private func releaseWaitingWrites() {
    guard !waitingForSequence.isEmpty, case .open(var window) = session else { return }
    for id in waitingForSequence.keys.sorted() {
      guard let sequence = window.take() else { break }
      guard let call = waitingForSequence.removeValue(forKey: id) else { continue }
      call.write = WriteID(session: window.id, sequence: sequence)
      due.append(call)
    }
    session = .open(window)
  }

  private func openSession() {
    session = .opening
    // The nonce stays the same over all tries, so that they find one session.
    let nonce = sessionNonce ?? UInt64.random(in: 1...UInt64.max, using: &random)
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
    opener = nil
    switch result {
    case .success(let answer):
      sessionNonce = nil
      guard case .session(let id) = answer.body else { return sessionFailed(.unexpectedAnswer) }
      session = .open(SessionWindow(id: id, size: Limits.sessionWindow))
      releaseWaitingWrites()
    case .failure(let error): sessionFailed(error)
    }
  }

  /// A retryable failure is tried anew while writes wait, which have deadlines of their own.
  private func sessionFailed(_ error: LockstepError) {
    session = .none
    let waiting = waitingForSequence.keys.sorted().compactMap { waitingForSequence[$0] }
    waitingForSequence = [:]
    for call in waiting {
      call.lastRefusal = error
      if error.isRetryable {
        due.append(call)
      } else {
        fail(call, error.with(outcome: .notApplied))
      }
    }
  }

  /// The cluster does not know the session of this write any more.
  func sessionExpired(_ call: Call, _ error: LockstepError) {
    if case .open(let window) = session, window.id == call.write?.session { session = .none }
    guard !call.isUncertain else {
      fail(call, error)
      return
    }
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

extension LockstepError {
  static let unexpectedAnswer = LockstepError(
    .internalError,
    "the node sent an answer of the wrong kind"
  )
}
