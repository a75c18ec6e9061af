/// What is said of a history of a user's own model.
public enum ModelVerdict: Sendable {
  /// There is an order that explains every answer.
  case linearizable
  /// There is none.
  case notLinearizable(Counterexample)
  /// The limits were reached before it was known; why, in a sentence.
  case unknown(String)
}

/// A part of a history that no order explains.
///
/// If the time was long enough it is the smallest, and none of its operations can be left out: were
/// the outcome of any of them unknown, there would be an order.
public struct Counterexample: Sendable, CustomStringConvertible {
  /// One operation of it.
  public struct Operation: Sendable {
    /// Who: `process` of the history.
    public let process: HistoryValue
    /// What was asked and answered.
    public let call: ModelCall
    /// The lines in which it begins and ends.
    public let lines: (begin: Int, end: Int)
  }

  /// The key, where the history has keys.
  public let key: HistoryValue?
  /// The operations that contradict each other, in the order in which they began.
  public let operations: [Operation]
  /// Whether it is known that none of them can be left out.
  public let isMinimal: Bool
  /// The state, described, that the longest order of them leaves.
  public let state: String

  /// The counterexample for people, one operation a line.
  public var description: String {
    let title = "no order explains these operations" + (key.map { " on key \($0)" } ?? "")
    return operations.reduce(into: title) { text, operation in
      let call = operation.call
      let argument = call.argument == .null ? "" : " \(call.argument)"
      text +=
        "\n  process \(operation.process): \(call.function)\(argument) → \(call.result ?? .null)"
        + " (lines \(operation.lines.begin) and \(operation.lines.end))"
    } + "\nthe longest order of them leaves \(state)"
  }
}
