/// How a node stands, as it sees itself.
package struct NodeStatus: Equatable, Sendable {
  /// What a node is to its cluster; the numbers are on the wire.
  package enum Role: UInt8, Sendable {
    /// Follows a leader, or waits for one.
    case follower = 1
    /// Asks for votes.
    case candidate = 2
    /// Orders requests.
    case leader = 3
  }

  /// What a node makes of its own state beside those of the others; the numbers are on the wire.
  package enum Standing: UInt8, Sendable {
    /// Nothing speaks against it, or a majority agrees with it.
    case sound = 1
    /// Another's differs, and no majority is known to agree.
    case unsettled = 2
    /// It differs from a majority's.
    case fenced = 3
    /// It waits to hear what the others remember of it, and neither votes nor counts.
    case waiting = 4
    /// Its disk has lost something, and it is being refilled; it neither votes nor counts.
    case repairing = 5
  }

  /// What a member is to its cluster; the numbers are on the wire.
  package enum Seat: UInt8, Sendable {
    /// Votes.
    case voter = 1
    /// Is sent everything and votes as soon as it has caught up.
    case joining = 2
    /// Is sent everything and waits for its promotion.
    case learner = 3
    /// Votes for the last time.
    case leaving = 4
    /// Votes for the first time, beside those who leave.
    case entering = 5
  }

  /// A member of the cluster and where it is reached.
  package struct Member: Equatable, Sendable {
    /// Its number.
    package var id: UInt32
    /// The random number of its data directory.
    package var incarnation: UInt64
    /// What it is to the cluster.
    package var seat: Seat
    /// The voter whose place it is going to take; 0 for none.
    package var replaces: UInt32 = 0
    /// Where clients reach it.
    package var clientAddress: String
    /// Where the other members reach it.
    package var peerAddress: String

    package init(
      id: UInt32,
      incarnation: UInt64,
      seat: Seat,
      clientAddress: String,
      peerAddress: String
    ) {
      self.id = id
      self.incarnation = incarnation
      self.seat = seat
      self.clientAddress = clientAddress
      self.peerAddress = peerAddress
    }
  }

  /// What a node of a Byzantine cluster says besides.
  package struct Byzantine: Equatable, Sendable {
    /// Its view.
    package var view: UInt64
    /// Who proposes in that view.
    package var primary: UInt32
    /// Whether the view has begun there.
    package var isActive: Bool
    /// The newest block whose state a quorum has come to.
    package var lowWatermark: UInt64 = 0
    /// The newest block that it votes for.
    package var highWatermark: UInt64 = 0
    /// The newest committed block.
    package var committedBlock: UInt64 = 0
    /// The newest block of its log.
    package var tipBlock: UInt64 = 0
    /// How long it has been suspecting a primary; nil if it does not.
    package var suspectingMilliseconds: UInt64?
    /// Whether it has forgotten promises, and makes none until those do not matter any more.
    package var isFenced = false
    /// Whether it waits for a state from others.
    package var awaitsState = false
    /// Why it has stopped for good; empty as long as it works.
    package var haltReason = ""

    /// A standing to be filled in.
    package init(view: UInt64, primary: UInt32, isActive: Bool) {
      self.view = view
      self.primary = primary
      self.isActive = isActive
    }
  }

  /// Its number.
  package var id: UInt32
  /// Its process.
  package var processID: UInt32
  /// What it is.
  package var role: Role
  /// Its term.
  package var term: UInt64
  /// The newest entry that it knows to be committed.
  package var commitIndex: UInt64 = 0
  /// The newest entry in its state.
  package var appliedIndex: UInt64 = 0
  /// What it makes of its state.
  package var standing = Standing.sound
  /// The newest entry of its log.
  package var lastIndex: UInt64 = 0
  /// The oldest entry of its log.
  package var firstIndex: UInt64 = 0
  /// The newest entry that a snapshot on its disk includes; 0 without one.
  package var snapshotIndex: UInt64 = 0
  /// The bytes of all files in its directory, what was set aside included.
  package var diskBytes: UInt64 = 0
  /// How far its journal is durable.
  package var durablePosition: UInt64 = 0
  /// How long it has been up.
  package var uptimeMilliseconds: UInt64 = 0
  /// Open sessions in its state.
  package var sessions: UInt32 = 0
  /// Open connections of clients.
  package var connections: UInt32 = 0
  /// The program's version.
  package var version: String = ""
  /// The cluster, high half.
  package var clusterHigh: UInt64 = 0
  /// The low half.
  package var clusterLow: UInt64 = 0
  /// The cluster as it knows it.
  package var members: [Member] = []
  /// How it stands in a Byzantine cluster; nil in others.
  package var byzantine: Byzantine?

  /// A status to be filled in.
  package init(id: UInt32, processID: UInt32, role: Role, term: UInt64) {
    self.id = id
    self.processID = processID
    self.role = role
    self.term = term
  }
}

extension NodeStatus.Role {
  /// The word that people and scripts see.
  package var name: String {
    switch self {
    case .follower: "follower"
    case .candidate: "candidate"
    case .leader: "leader"
    }
  }
}

extension NodeStatus.Seat {
  /// The word that people and scripts see.
  package var name: String {
    switch self {
    case .voter: "voter"
    case .joining: "joining"
    case .learner: "learner"
    case .leaving: "leaving"
    case .entering: "entering"
    }
  }
}

extension NodeStatus.Standing {
  /// The word that people and scripts see.
  package var name: String {
    switch self {
    case .sound: "sound"
    case .unsettled: "unsettled"
    case .fenced: "fenced"
    case .waiting: "waiting"
    case .repairing: "repairing"
    }
  }
}
