package import Linearizability

/// One operation that a client is about to begin, as a line of a history says it.
package struct WorkloadCall: Sendable {
  /// The operation's name, `f` in docs/formats/history.md.
  package let function: String
  /// What it is done to; nil if the history names no keys.
  package let key: String?
  /// What is asked for.
  package let value: HistoryValue
  /// Whether it changes nothing, so that one without an answer has no effect to wonder about.
  package let isRead: Bool

  /// A call that changes something.
  package init(_ function: String, _ key: String?, _ value: HistoryValue = .null) {
    (self.function, self.key, self.value, isRead) = (function, key, value, false)
  }

  /// A call that changes nothing.
  package init(reading function: String, _ key: String?, _ value: HistoryValue = .null) {
    (self.function, self.key, self.value, isRead) = (function, key, value, true)
  }
}

/// How an operation ended, as a history says it.
package enum CallEnding: Sendable {
  /// It took effect, and this was the answer.
  case ok(HistoryValue)
  /// It had no effect and never will; why, in a word.
  case fail(String)
  /// Nobody knows whether it had an effect; why, in a word.
  case info(String)
}
