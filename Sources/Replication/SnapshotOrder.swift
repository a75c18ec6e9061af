package import Consensus

/// What a replica wants done with snapshots, off the loop.
package enum SnapshotOrder<Machine: StateMachine>: Sendable {
  /// Write the state as it was frozen.
  case write(FrozenState<Machine>)
  /// Write a state that was put together from others' parts, and go on from it.
  case install(FrozenState<Machine>)
  /// Read or keep a part of a snapshot.
  case job(SnapshotJob)
  /// Make room on a full disk: remove the older snapshot, if the newest one is sound.
  case makeRoom
  /// Let go of a state that was replaced: freeing all of it takes long.
  case discard(ReplicaImage<Machine>)
  /// The same for parts of a state.
  case discardParts([any Sendable])
}
