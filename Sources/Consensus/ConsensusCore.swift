package import Wire

/// A protocol that agrees on one order of requests: a value without files, sockets, clock or dice.
///
/// The same inputs give the same effects. A replica calls it, takes its effects once per turn and
/// carries them out in order (see `Effects`).
package protocol ConsensusCore: Sendable {
  /// What members say to each other.
  associatedtype Message: WireCodable & Sendable
  /// What must survive a power cut.
  associatedtype Record: JournalRecordCodable & Sendable
  /// Timeouts and limits.
  associatedtype Options: Sendable

  /// Goes on where the journal ends.
  ///
  /// - Parameters:
  ///   - identity: Who this process is.
  ///   - options: Timeouts and limits.
  ///   - past: Everything recovered; `canRecover` has said that it is enough.
  ///   - seed: Where chance (election timeouts) comes from.
  ///   - now: The clocks at the start.
  init(
    identity: Identity,
    options: Options,
    recovering past: Past<Record>,
    seed: UInt64,
    now: Reading
  )

  /// Whether this node can start: nothing is missing, or other members can be asked for what is.
  static func canRecover(_ past: Past<Record>, as member: Member) -> Bool

  /// Time has passed. Called at least every `Options`' heartbeat and once per turn, after the
  /// turn's messages were received.
  mutating func tick(_ now: Reading)

  /// A member speaks; the connection has proved who it is.
  mutating func receive(_ message: Message, from sender: Member)

  /// A client, or an operator, asks.
  mutating func submit(_ submission: Submission)

  /// The disk holds every record up to and including this position, for good.
  mutating func recordsAreDurable(through position: UInt64)

  /// Whether the journal has room for clients' writes, and for those that only remove something;
  /// votes, terms and no-ops fit always.
  mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool)

  /// Whether the log takes only removals now: this node's journal, or too many others', are short
  /// of room.
  var takesOnlyRemovals: Bool { get }

  /// The states of these members are not to be trusted: none of them is to lead, and this node,
  /// if it is one of them, hands leadership over and does not ask for it again.
  ///
  /// Their logs are not in doubt: they vote, store and acknowledge as before.
  mutating func distrust(_ members: [NodeID])

  /// A snapshot of the state is on the disk, durable and read back: the log up to it may be
  /// forgotten.
  mutating func snapshotTaken(_ mark: SnapshotMark)

  /// Whether others could give this member back what it would lose if the only snapshot rotted that
  /// a full disk leaves it.
  var canSpareOlderSnapshot: Bool { get }

  /// Only the newest snapshot is left: the journal need not go on from an older one.
  mutating func olderSnapshotIsGone()

  /// Records below this position lie in files that have rotted: the journal is to forget them as
  /// soon as a snapshot holds what they came to, although the log in memory may keep them.
  mutating func recordsAreDamaged(below position: UInt64)

  /// The state was replaced by a snapshot that is on the disk, durable and read back.
  ///
  /// It includes more than was handed out to be applied.
  mutating func snapshotInstalled(_ mark: SnapshotMark)

  /// One of the effects' jobs is done, or has failed.
  mutating func jobDone(_ result: SnapshotJobResult)

  /// What must happen now; a second call returns nothing more.
  mutating func takeEffects() -> Effects<Message, Record>

  /// The members and settings in use; nobody, before a node that joins has heard of them.
  var configuration: ClusterConfiguration { get }

  /// The newest state that this node and enough others are known to have come to alike; nil where
  /// cores do not vote on states.
  var agreedIndex: LogIndex? { get }

  /// The client's envelope that a message passes on; nil for all others.
  static func passedOn(by message: Message) -> SignedEnvelope?

  /// Lets go of envelopes that wait and have become of no use, before the time of this reading is
  /// judged by those that wait.
  mutating func dropWaiting(at now: Reading, where isUseless: (SignedEnvelope) -> Bool)

  /// Whether something that holds of some members holds of a quorum, as decisions need it now.
  func hasQuorum(_ holds: (Member) -> Bool) -> Bool

  /// The leader this node knows, itself included; asked for each request.
  var leaderID: NodeID? { get }

  /// How things stand, for people and for reads that may be stale.
  var status: CoreStatus { get }
}

extension ConsensusCore {
  /// Members of most cores do not lie: states are compared outside.
  package var agreedIndex: LogIndex? { nil }

  /// Both are kept, except where it is known that one is enough.
  package var canSpareOlderSnapshot: Bool { false }

  /// Never called where both are kept.
  package mutating func olderSnapshotIsGone() {}

  /// Where clients do not sign, nothing signed is passed on.
  package static func passedOn(by message: Message) -> SignedEnvelope? { nil }

  /// Nor does anything signed wait.
  package mutating func dropWaiting(
    at now: Reading,
    where isUseless: (SignedEnvelope) -> Bool
  ) {}
}
