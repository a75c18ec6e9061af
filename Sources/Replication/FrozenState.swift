package import Consensus

/// The replicated state as it was at one entry.
package struct FrozenState<Machine: StateMachine>: Sendable {
  /// Which entry, and what must be known of the log up to it.
  package var mark: SnapshotMark
  /// All of the state.
  package var image: ReplicaImage<Machine>
  /// Whether the older snapshot may make room for it on a full disk.
  package var maySpareOlder = false
  /// Whether it keeps the room that it has taken where it finds no more, for the next one: there is
  /// to be a next one also if nothing more is written, unless the state comes into doubt.
  package var mayHoldRoom = false

  /// A state that was put together elsewhere.
  package init(mark: SnapshotMark, image: ReplicaImage<Machine>) {
    self.mark = mark
    self.image = image
  }
}
