import ClientProtocol
import Transport

/// The session: opened at the first write, replaced when it has expired.
extension Driver {
  static let nonces = 1...UInt64.max

  /// Gives a write its place in the session; false if it has to wait for one.
  func claimSequence(for call: Call) -> Bool {
    call.write = session?.takePlace()
    guard call.write == nil else { return true }
    waitingForSequence.insert(call)
    openSession()
    return false
  }

  func releaseWrites() {
    while let call = waitingForSequence.first(), let place = session?.takePlace() {
      waitingForSequence.remove(call.id)
      call.write = place
      due.append(call)
    }
  }

  func sessionIsOpen(_ id: UInt64) { releaseWrites() }

  /// A retryable failure is tried anew while writes wait, which have deadlines of their own.
  func sessionFailed(_ error: LockstepError) {
    for call in waitingForSequence.removeAll() {
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
    if session?.id == call.write?.session { session = nil }
    guard !call.isUncertain else {
      fail(call, error)
      // Those that waited for the window have no other call to open the next session.
      if session == nil, !waitingForSequence.isEmpty { openSession() }
      return
    }
    // Nothing of it was ever applied: a new session may carry it.
    call.write = nil
    due.append(call)
  }
}

extension LockstepError {
  static let unexpectedAnswer = LockstepError(
    .internalError,
    "the node sent an answer of the wrong kind"
  )
}
