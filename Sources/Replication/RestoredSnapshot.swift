package import Consensus

/// A state that was read from a snapshot that is durable and whole.
package struct RestoredSnapshot<Machine: StateMachine>: Sendable {
  /// What it stands for.
  package var mark: SnapshotMark
  /// All of the state.
  package var state: RestoredState<Machine>
  /// The size of its file.
  package var size: Int
}
