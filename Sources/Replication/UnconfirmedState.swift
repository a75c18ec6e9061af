import Consensus

/// A frozen state that is not written before others are known to have come to it, too
/// (decision 0033).
struct UnconfirmedState<Machine: StateMachine>: Sendable {
  /// What is to be written.
  let state: FrozenState<Machine>
  /// When it was frozen.
  let frozenAt: UInt64
}
