/// One machine, doing one thing at a time: what a history is compared with.
///
/// A counter, for example:
///
///     struct Counter: Model {
///       var initial: Int64 { 0 }
///
///       func step(_ count: Int64, _ call: ModelCall) -> Int64? {
///         switch call.function {
///         case "increment": count + 1
///         case "read": call.allows(.integer(count)) ? count : nil
///         default: nil
///         }
///       }
///     }
///
/// Each key of a history has a machine of its own.
public protocol Model: Sendable {
  /// What the machine has in it; two equal states answer everything alike.
  associatedtype State: Hashable & Sendable

  /// The state before the first operation.
  var initial: State { get }

  /// The state after an operation; nil if its answer cannot be given in this state.
  ///
  /// Must be a pure function: it is asked often, and in any order.
  func step(_ state: State, _ call: ModelCall) -> State?
}

/// What was asked of a machine, and what it answered.
public struct ModelCall: Sendable {
  /// The operation: `f` of the history.
  public let function: String
  /// What was asked for: `value` of its `invoke`.
  public let argument: HistoryValue
  /// What was answered: `value` of its `ok`; nil if nobody knows.
  public let result: HistoryValue?

  /// Whether the answer may be this one: it is, or nobody knows it.
  public func allows(_ answer: HistoryValue) -> Bool { result == nil || result == answer }
}
