import ClientProtocol
import Consensus
import Wire

/// The session: opened at the first request that needs one, replaced when it has expired.
extension ByzantineDriver {
  /// Nodes keep 48 bits of a nonce, and the client's number.
  static let nonces: ClosedRange<UInt64> = 1...(1 << 48) - 1

  func releaseWrites() {
    while let call = waitingWrites.first {
      guard !call.isFinished else {
        waitingWrites.removeFirst()
        continue
      }
      guard session != nil else { return openSessionIfDue() }
      guard case .write(let command) = call.work, let place = session?.takePlace() else { return }
      waitingWrites.removeFirst()
      call.write = place
      order(
        ClientRequest(
          .write,
          session: place.session,
          sequence: place.sequence,
          command: .init(command)
        ),
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
      guard let window = session else { return openSessionIfDue() }
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

  private func openSessionIfDue() {
    if sessionNotBefore <= now { openSession() }
  }

  func sessionIsOpen(_ id: UInt64) {
    attach(to: id)
    releaseWrites()
    releaseReads()
  }

  /// A retryable failure is tried anew while calls wait, which have deadlines of their own.
  func sessionFailed(_ error: LockstepError) {
    sessionNotBefore = now + Backoff.overloaded.delay(retry: 4, using: &random)
    let waiting = waitingWrites.elements + waitingReads.elements
    waitingWrites.removeAll()
    waitingReads.removeAll()
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
    if let id = session?.id, id == call.write?.session {
      session = nil
      words.removeAll { $0 == id }
    }
    guard case .write = call.work, !call.isUncertain else { return fail(call, error) }
    // Nothing of it was ever applied: a new session may carry it.
    call.write = nil
    due.append(call)
  }
}
