/// What one machine, doing one thing at a time, would answer.
package protocol SequentialModel: Sendable {
  /// Everything that later answers depend on.
  associatedtype State: Hashable & Sendable
  /// What is asked.
  associatedtype Input: Sendable
  /// What is answered.
  associatedtype Output: Sendable

  /// The state before the first operation.
  var initial: State { get }

  /// The state after an operation; nil if this answer cannot be given in this state.
  ///
  /// An output of nil means that nobody saw the answer, so that any would do.
  func step(_ state: State, _ input: Input, _ output: Output?) -> State?

  /// About how many bytes a state takes beyond what any does.
  func size(of state: State) -> Int
}

extension SequentialModel {
  /// Nothing to speak of.
  package func size(of state: State) -> Int { 0 }
}
