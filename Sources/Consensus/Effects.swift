/// Everything a core asks of the world, in the order in which the world must do it.
package struct Effects<Message: Sendable, Record: Sendable>: Sendable {
  /// Messages that promise nothing about this node's disk; they may leave at once.
  package var messages: [Envelope<Message>] = []
  /// Records that must reach the disk, in this order.
  package var records: [Record] = []
  /// Promises that leave only when all records so far are durable.
  package var messagesAfterSync: [Envelope<Message>] = []
  /// Entries to apply, in this order.
  package var committed: [Committed] = []
  /// Whether more is committed than one turn may apply: the next need not wait for anything.
  package var hasMoreCommitted = false
  /// What the log takes for them besides the entries themselves, in bytes: where they come in
  /// blocks, each of those has votes and certificates.
  package var committedOverhead = 0
  /// Reads that may be answered once the state has reached their index.
  package var readable: [Readable] = []
  /// Requests and reads that the core will not carry out.
  package var refused: [Refused] = []
  /// Work off the loop, in this order.
  package var jobs: [SnapshotJob] = []
  /// Whether the leader changed; the newest word only.
  package var leader: LeaderChange?
  /// The configuration in use, when it changed: whom to connect to.
  package var configuration: ClusterConfiguration?
  /// The journal may give up all records below this position, once those of before are written.
  package var forgetRecordsBelow: UInt64?
  /// The change of members that was asked for is through: where its configuration stands.
  package var reconfigured: LogIndex?
  /// Whether this node has just learned that it was removed.
  package var isRemoved = false
  /// Whether this node counts, when that has changed.
  package var admission: AdmissionStatus?
  /// The member that this node is to come back as, on a new directory: its own has lost something,
  /// and the others count on it no more.
  package var successor: Member?
  /// The state as it is once everything committed is applied, up to this index, is to be digested
  /// and the root handed back: no entry behind it is in this turn.
  package var stateRootDue: LogIndex?
  /// A state that has to be had from others: entries follow from behind it alone.
  package var stateWanted: StateTarget?
  /// What was let go of at once, and is large: it is freed off the loop.
  package var discarded: [any Sendable] = []
  /// Proofs that somebody broke the protocol, in bytes: to be kept, and shown to people.
  package var evidence: [[UInt8]] = []

  /// Nothing to do.
  package init() {}
}

/// A request or read that the core will not carry out, and why.
package enum Refused: Equatable, Sendable {
  /// A request for the log.
  case request(RequestKey, Refusal)
  /// A read.
  case read(ReadID, Refusal)
  /// A request to hand over leadership.
  case transfer(Refusal)
  /// A request to change the members.
  case reconfiguration(Refusal)
}

/// Who leads, as far as this node knows.
package struct LeaderChange: Equatable, Sendable {
  /// The leader; nil means none is known since this moment.
  package var leader: NodeID?
  /// The term it leads in.
  package var term: Term

  package init(leader: NodeID?, term: Term) {
    self.leader = leader
    self.term = term
  }
}
