import Consensus

/// What a node is in its term, with only the state of that role (Raft §5.1).
enum Role: Sendable {
  case follower(FollowerState)
  /// Asks whether an election could be won, without disturbing anybody (thesis §9.6).
  case preCandidate(granted: [Member])
  case candidate(granted: [Member])
  case leader(LeaderState)
}

/// What a follower keeps about its leader.
struct FollowerState: Sendable {
  var leader: Member?
  /// The prefix found equal to this leader's log; commit news counts only up to here.
  var verifiedIndex = LogIndex.zero
  /// Reads that came since the effects were last taken.
  var freshReads: [ReadID] = []
  /// Reads that wait for the leader's answer, in order of request.
  var askedReads: [AskedReads] = []

  var readsCount: Int { askedReads.reduce(freshReads.count) { $0 + $1.ids.count } }
}

/// The reads of one turn, asked about in one message.
struct AskedReads: Sendable {
  let counter: UInt64
  let deadline: UInt64
  let ids: [ReadID]
}

/// What a leader keeps: everything here is lost with the office.
struct LeaderState: Sendable {
  /// The no-op at the start of the term.
  let termStart: LogIndex
  var followers: [FollowerProgress]
  /// Counts heartbeat rounds; an answer confirms its round and all before.
  var round: UInt64 = 0
  var nextHeartbeatAt: UInt64
  /// When losing touch with a quorum is first held against it.
  var quorumCheckAt: UInt64
  /// The log time of the last entry at the election; it runs on from there.
  let baseLogTime: UInt64
  let electedAt: UInt64
  var reads = LeaderReads()
  var transfer: Transfer?
  /// When it tries next to hand over because its journal turned out to be damaged.
  var nextTransferOfDamagedAt: UInt64?
  /// Whether somebody waits for the change of members that is under way.
  var isChangeAsked = false

  func follower(_ member: Member) -> FollowerProgress? {
    followers.first { $0.member == member }
  }

  var office: Office {
    Office(
      termStart: termStart,
      isHandedOver: transfer != nil,
      baseLogTime: baseLogTime,
      electedAt: electedAt
    )
  }

  /// Notes the commit index of this moment; before an entry of this term is committed, the
  /// leader does not know how far earlier terms committed, and the read is held.
  ///
  /// - Returns: Whether there is room for it.
  mutating func queue(
    _ reader: LeaderReads.Reader,
    at commitIndex: LogIndex,
    readsMax: Int
  ) -> Bool {
    guard reads.count < readsMax else { return false }
    if commitIndex >= termStart {
      reads.fresh.append((reader, commitIndex))
    } else {
      reads.held.append(reader)
    }
    return true
  }
}

/// What each put asks of a leader: plain numbers, where the whole state would be copied.
struct Office: Sendable {
  let termStart: LogIndex
  let isHandedOver: Bool
  let baseLogTime: UInt64
  let electedAt: UInt64

  func logTime(at now: UInt64) -> UInt64 { baseLogTime + (now - electedAt) }
}

/// Reads that wait for proof of leadership (thesis §6.4).
struct LeaderReads: Sendable {
  enum Reader: Sendable {
    case here(ReadID)
    case follower(Member, RaftMessage.ReadRequest)
  }

  struct Waiting: Sendable {
    let reader: Reader
    /// The commit index when the read arrived.
    let index: LogIndex
    /// The round that must be answered: one that started after the read arrived.
    let round: UInt64
  }

  /// Came before an entry of this term was committed.
  var held: [Reader] = []
  /// Came since the last round started.
  var fresh: [(reader: Reader, index: LogIndex)] = []
  /// In order of round.
  var waiting: [Waiting] = []

  var count: Int { held.count + fresh.count + waiting.count }

  /// Everything that waits at this node itself.
  var readsHere: [ReadID] {
    (held + waiting.map(\.reader) + fresh.map(\.reader)).compactMap { reader in
      if case .here(let id) = reader { id } else { nil }
    }
  }
}

/// A leadership being handed over (thesis §3.10).
struct Transfer: Sendable {
  enum Cause: Sendable {
    case asked
    case journalFull
    case diskSlow
    case journalDamaged
    case stateInDoubt
    case removed
  }

  let target: Member
  let cause: Cause
  let deadline: UInt64
  /// Whether the target was told to campaign.
  var isTold = false
}

extension Role {
  /// What each put asks of a leader.
  var office: Office? {
    if case .leader(let state) = self { state.office } else { nil }
  }

  /// The leader's state, changed in place: it is moved out and back, so that no array is copied.
  var leader: LeaderState? {
    get {
      if case .leader(let state) = self { state } else { nil }
    }
    _modify {
      var state = leader
      if state != nil { self = .preCandidate(granted: []) }
      defer { if let state { self = .leader(state) } }
      yield &state
    }
  }

  /// The follower's state, changed in place likewise.
  var follower: FollowerState? {
    get {
      if case .follower(let state) = self { state } else { nil }
    }
    _modify {
      var state = follower
      if state != nil { self = .preCandidate(granted: []) }
      defer { if let state { self = .follower(state) } }
      yield &state
    }
  }
}
