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
  static func canRecover(_ past: Past<Record>) -> Bool

  /// Time has passed. Called at least every `Options`' heartbeat and once per turn, after the
  /// turn's messages were received.
  mutating func tick(_ now: Reading)

  /// A member speaks; the connection has proved who it is.
  mutating func receive(_ message: Message, from sender: Member)

  /// A client, or an operator, asks.
  mutating func submit(_ submission: Submission)

  /// The disk holds every record up to and including this position, for good.
  mutating func recordsAreDurable(through position: UInt64)

  /// Whether the journal has room for clients' writes; votes, terms and no-ops fit always.
  mutating func journalHasRoom(_ hasRoom: Bool)

  /// The states of these members are not to be trusted: none of them is to lead, and this node,
  /// if it is one of them, hands leadership over and does not ask for it again.
  ///
  /// Their logs are not in doubt: they vote, store and acknowledge as before.
  mutating func distrust(_ members: [NodeID])

  /// A snapshot of the state is on the disk, durable and read back: the log up to it may be
  /// forgotten.
  mutating func snapshotTaken(_ mark: SnapshotMark)

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

  /// Where clients do not sign, nothing signed is passed on.
  package static func passedOn(by message: Message) -> SignedEnvelope? { nil }

  /// Nor does anything signed wait.
  package mutating func dropWaiting(
    at now: Reading,
    where isUseless: (SignedEnvelope) -> Bool
  ) {}
}

/// A record that a journal keeps.
package protocol JournalRecordCodable: WireCodable {
  /// Whether losing this record to rot would be worst (term and vote): the journal keeps copies.
  var isVital: Bool { get }

  /// The bytes as they are kept: those of `encode`, without a copy where they are there already.
  var payload: [UInt8] { get }
}

/// A record found on disk at start.
package struct Recovered<Record: Sendable>: Sendable {
  /// Its position in the journal; positions count from 1 and never go back.
  package var position: UInt64
  /// The record.
  package var record: Record

  package init(position: UInt64, record: Record) {
    self.position = position
    self.record = record
  }
}

/// What a node found on its disk at start.
package struct Past<Record: Sendable>: Sendable {
  /// What the state at the start includes; nil if it is empty.
  package var snapshot: SnapshotMark?
  /// What the journal holds, in order of position; the first record of a new directory is the
  /// configuration entry.
  package var records: [Recovered<Record>]
  /// The positions whose records are lost, ascending; a vital record may be known all the same.
  package var holes: [ClosedRange<UInt64>]
  /// Whether the newest vital record there is the newest there was.
  package var isVoteCertain: Bool

  /// What was found.
  package init(
    _ records: [Recovered<Record>],
    after snapshot: SnapshotMark? = nil,
    without holes: [ClosedRange<UInt64>] = [],
    isVoteCertain: Bool = true
  ) {
    self.records = records
    self.snapshot = snapshot
    self.holes = holes
    self.isVoteCertain = isVoteCertain
  }

  /// The newest position that was used, even if its record is lost.
  package var lastPosition: UInt64 {
    max(records.last?.position ?? 0, holes.last?.upperBound ?? 0)
  }
}

/// Something asked of a core.
package enum Submission: Sendable {
  /// Put this into the log.
  case request(ClientRequest)
  /// Confirm an index at which this read is linearizable.
  case read(ReadID)
  /// Hand leadership to a member, or to the best one if none is named.
  case transfer(to: NodeID?)
  /// Change the members.
  case reconfigure(MembershipChange)
}

/// How a core stands at one moment.
package struct CoreStatus: Equatable, Sendable {
  /// What a node is to its cluster.
  package enum Role: String, Sendable {
    /// Follows a leader, or waits for one.
    case follower
    /// Asks for votes.
    case candidate
    /// Orders requests.
    case leader
  }

  /// What this node is.
  package var role: Role
  /// Its term.
  package var term: Term
  /// The leader it knows, itself included.
  package var leader: NodeID?
  /// The newest entry known to be committed.
  package var commitIndex: LogIndex
  /// The newest entry of its log.
  package var lastIndex: LogIndex
  /// The oldest entry of its log: those before it are in a snapshot.
  package var firstIndex = LogIndex(1)
  /// When a valid word of the current leader last arrived (for a leader: when a majority last
  /// answered), in monotonic microseconds; nil if there is no leader.
  package var leaderContactMicroseconds: UInt64?
  /// Whether it counts.
  package var admission: AdmissionStatus
  /// What it has lost of its journal and not got back; nil if it is whole.
  package var repair: RepairStatus?

  package init(
    role: Role,
    term: Term,
    leader: NodeID?,
    commitIndex: LogIndex,
    lastIndex: LogIndex,
    leaderContactMicroseconds: UInt64?,
    admission: AdmissionStatus = .admitted
  ) {
    self.role = role
    self.term = term
    self.leader = leader
    self.commitIndex = commitIndex
    self.lastIndex = lastIndex
    self.leaderContactMicroseconds = leaderContactMicroseconds
    self.admission = admission
  }
}
