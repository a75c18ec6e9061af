import Consensus

// What can happen to a client.
extension SimulatedClient {
  /// Whether an answer is on its way, or a question.
  var isWaiting: Bool { calls.contains { !$0.attempts.isEmpty } }

  /// Asks nothing new for a while.
  ///
  /// - Returns: Whether there is a session that idles meanwhile.
  mutating func idle(until time: UInt64) -> Bool {
    nextOperationAt = time
    guard case .open = session else { return false }
    return true
  }

  /// The connections are gone, and with them all answers: everything is asked again.
  mutating func reconnect(at now: UInt64) {
    connection += 1
    for place in calls.indices { loseAttempts(of: place, at: now) }
  }

  /// The process is gone and starts again: with what it wrote down about its session and its
  /// unanswered writes, or without.
  mutating func restart(
    keepingSession: Bool,
    at now: UInt64,
    _ history: inout OperationHistory
  ) {
    for place in calls.indices.reversed() {
      loseAttempts(of: place, at: now)
      guard !keepingSession || calls[place].sequence == nil else { continue }
      end(calls.remove(at: place), &history)
    }
    connection += 1
    guard keepingSession, case .open = session else {
      session = .none
      return
    }
  }

  /// A request of the past is on its way again: nobody can say any more what a refusal means.
  mutating func requestIsRepeated(of operation: Int) {
    for place in calls.indices {
      switch calls[place].purpose {
      case .write(operation, _), .outcome(operation, _): calls[place].unknownAttempts += 1
      case .register, .close, .write, .outcome, .read: break
      }
    }
  }

  private mutating func loseAttempts(of place: Int, at now: UInt64) {
    calls[place].unknownAttempts += calls[place].attempts.count
    calls[place].attempts = []
    calls[place].nextAttemptAt = now + random.number(in: 0..<30_000)
  }
}
