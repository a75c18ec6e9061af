package import Consensus
package import Storage

/// What a replica asks of its server at the end of a loop turn, in the order of work.
package struct Turn<Message: Sendable>: Sendable {
  /// To send now.
  package var messages: [Envelope<PeerMessage<Message>>] = []
  /// To append to the journal and sync, in this order, then `recordsAreDurable`.
  package var records: [JournalRecord] = []
  /// Records below this position may be given up by the journal, once those above are written.
  package var forgetRecordsBelow: UInt64?
  /// To hand to whoever waits.
  package var replies: [AddressedReply] = []
  /// The committed entry that this version cannot apply, where there is one: the node must stop,
  /// and nothing else of the turn may be done.
  package var unknownCommand: LogIndex?
  /// Whether the leader changed.
  package var leader: LeaderChange?
  /// Whom to connect to, when that changed.
  package var configuration: ClusterConfiguration?
  /// Whether this node has just learned that it was removed.
  package var isRemoved = false
  /// Whether this node counts, when that has changed.
  package var admission: AdmissionStatus?
  /// The member that this node is to come back as, on a new directory (see `Effects.successor`).
  package var successor: Member?

  /// How this node's results stand beside the others', when that changed.
  package var divergence: Divergence?

  /// What became of each signed request that was applied, or is remembered.
  ///
  /// For everybody who has attached to its session. States to be digested are had from
  /// `takeStateRootOrder`.
  package var orderedReplies: [OrderedAnswer] = []
  /// A state that has to be had from others.
  package var stateWanted: StateTarget?
  /// Proofs that somebody broke the protocol, in bytes.
  package var evidence: [[UInt8]] = []

  /// Whether a further turn at once could answer reads or apply entries; this one has done enough.
  package var isUnfinished = false

  /// Nothing to do.
  package init() {}
}
