import Synchronization

/// Counts what came of calls.
package final class CallTally: Sendable {
  /// The counts at one moment.
  package struct Counts: Sendable {
    /// Calls that were answered, a condition that did not hold among the answers.
    package var answered = 0
    /// Calls that failed, by the code of their error.
    package var failed: [String: Int] = [:]
    /// The time of the longest call.
    package var longest = Duration.zero
  }

  private let counts = Mutex(Counts())

  init() {}

  func answered(after time: Duration) {
    counts.withLock { counts in
      counts.answered += 1
      counts.longest = max(counts.longest, time)
    }
  }

  func failed(_ code: String, after time: Duration) {
    counts.withLock { counts in
      counts.failed[code, default: 0] += 1
      counts.longest = max(counts.longest, time)
    }
  }

  /// What has been counted so far.
  package var now: Counts { counts.withLock { $0 } }
}
