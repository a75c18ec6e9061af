package import Consensus

/// A state whose root is wanted, as it was when the last entry that it includes was applied.
package struct StateRootOrder<Machine: StateMachine>: Sendable {
  /// What the state includes, and what must be known of the log up to there.
  package let mark: SnapshotMark
  /// What commands have changed.
  package let machine: Machine
  /// What makes retries safe.
  package let sessions: ClientSessions

  /// A state; from outside, one that was put together from others' parts.
  package init(mark: SnapshotMark, machine: Machine, sessions: ClientSessions) {
    self.mark = mark
    self.machine = machine
    self.sessions = sessions
  }

  /// The newest entry that it includes.
  package var index: LogIndex { mark.index }

  /// A digest over documents and sessions, as `Replica.stateDigest`; it visits everything.
  package func stateDigest() -> UInt64 {
    StateDigest(of: machine, sessions).value
  }
}

extension ReplicaImage {
  /// The same state in the form that snapshots have.
  package init(_ order: StateRootOrder<Machine>) {
    self.init(
      results: ResultDigests(
        beginningAt: order.index,
        machineDigest: order.machine.resultDigest
      ),
      sessions: order.sessions,
      machine: order.machine
    )
  }
}
