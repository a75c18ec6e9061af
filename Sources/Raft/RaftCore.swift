package import Consensus

/// One member of a Raft cluster: the state of Figure 2 and the calls that drive it.
///
/// Nothing happens by itself: calls change the state and gather effects, `takeEffects` adds what
/// is due once per turn (appendEntries, heartbeats, read rounds) and hands everything out.
package struct RaftCore: ConsensusCore {
  let identity: Identity
  let options: RaftOptions
  var random: RandomSource
  var now: Reading

  // Persistent state (Raft, Figure 2), as the journal has it or will have it.

  /// The latest term this node has seen.
  package internal(set) var currentTerm = Term(0)
  /// Whom it voted for in that term.
  package internal(set) var votedFor: Member?
  var log = RaftLog()
  /// The newest snapshot on this node's disk.
  var snapshot: SnapshotMark?
  /// The one before it, if both were taken since the start.
  var spareIndex = LogIndex.zero
  /// The records below this position are needed by no start from the newest snapshot.
  var forgettableBelow: UInt64 = 0
  /// Records below lie in files that have rotted; 0 if none do.
  var damagedBelow: UInt64 = 0
  /// What comes of another node's.
  var receipt: SnapshotReceipt?
  /// Whether the disk had no room for it.
  var installPause = InstallPause()

  // Volatile state (Raft, Figure 2).

  /// The newest entry known to be committed.
  package internal(set) var commitIndex = LogIndex.zero
  /// The newest entry handed out to be applied.
  var handedOutIndex = LogIndex.zero
  var role = Role.follower(FollowerState())
  var membership = Membership.unknown
  /// Where the configuration in use stands.
  var configurationIndex = LogIndex.zero
  /// The newest committed configuration without this node that a member told it of.
  var removedBy = LogIndex.zero
  /// Whether this member counts, and what it remembers of the others.
  var admission = Admission()
  /// What it has lost of its journal and not got back; nil if it is whole.
  var repair: Repair?
  /// The members and settings in use: those of the newest such entry in the log (Raft §6).
  package var configuration: ClusterConfiguration { membership.configuration }

  // The journal: records are counted from 1, here as there.

  /// The position of the newest record.
  package internal(set) var lastPosition: UInt64 = 0
  /// The newest position known to be durable.
  package internal(set) var durablePosition: UInt64 = 0
  /// The newest entry whose own record is durable; all before it are.
  package internal(set) var durableIndex = LogIndex.zero
  var hardStatePosition: UInt64 = 0
  var hardStateIsPending = false
  var unsynced = UnsyncedRecords()
  var hasRoom = true
  var hasRoomForRemovals = true
  /// Whether too many voters of this leader's have no room for what is more than a removal.
  var quorumLacksRoom = false
  /// When a quorum last let this leader commit something.
  var commitAdvancedAt: UInt64 = 0
  /// None of these is to lead: their states are in doubt.
  var distrusted: [NodeID] = []
  /// How often its own election timer has run out without a leader while it was one of them.
  var campaignsForgone = 0
  /// So often others have their chance.
  static let campaignsForgoneMax = 4

  // Time.

  var electionDeadline: UInt64 = 0
  /// When the current leader was last heard; never later than the truth.
  var leaderHeardAt: UInt64?
  var leaderWasHeardThisTurn = false
  /// When a late turn gave every timer a second chance; there is one until somebody was heard, or
  /// a timer has run out.
  var secondChanceAt: UInt64?

  var effects = Effects<RaftMessage, RaftRecord>()
  var announcedLeader = LeaderChange(leader: nil, term: Term(0))
  var readCounter: UInt64 = 0
  /// The state that the invariants were last checked on; the next one is compared with it.
  var checked: RaftInvariants.Summary?

  /// Goes on where the journal ends (see `ConsensusCore`).
  package init(
    identity: Identity,
    options: RaftOptions,
    recovering past: Past<RaftRecord>,
    seed: UInt64,
    now: Reading
  ) {
    self.identity = identity
    self.options = options
    self.now = now
    random = RandomSource(seed: seed)
    // A directory that was rolled back comes to the same boot number again, and an answer to what
    // was asked then may still be under way.
    readCounter = seed >> 8
    recover(past)
    trimRecoveredLog()
    restartElectionTimer()
    finish()
  }

  /// Time has passed: judges timers, once per turn and after the turn's messages.
  package mutating func tick(_ reading: Reading) {
    let gap = reading.monotonicMicroseconds - min(microseconds, reading.monotonicMicroseconds)
    let isLate = gap > options.lateTurnMicroseconds
    now.monotonicMicroseconds += gap
    now.wallMilliseconds = reading.wallMilliseconds
    if leaderWasHeardThisTurn {
      leaderWasHeardThisTurn = false
      secondChanceAt = nil
      restartElectionTimer()
    }
    if isLate { giveSecondChance() }
    judgeAdmission()
    judgeRepair()
    switch role {
    case .leader: judgeLeadership()
    case .follower, .preCandidate, .candidate:
      refuseOverdueReads()
      judgeElectionTimer()
    }
    finish()
  }

  /// A member speaks.
  ///
  /// Whoever is not a configured member, incarnation included, is heard only as far as a leader or
  /// candidate of a configuration that has not come here yet (thesis §4.1).
  package mutating func receive(_ message: RaftMessage, from sender: Member) {
    guard sender != identity.member, membership.contains(sender) || message.isHeardFromAnybody
    else { return }
    repair?.note(message, of: sender)
    // Whoever does not know its own term can judge nobody's.
    guard repair?.isTermKnown ?? true || message.isOutsideTerms else { return }
    guard heed(termOf: message, from: sender) else { return finish() }
    switch message {
    case .requestPreVote(let term, let last): answerPreVote(term, last, sender)
    case .preVoteAnswer(let term, let isGranted):
      if isGranted { countPreVote(term, sender) }
    case .requestVote(_, let last, _): answerVote(last, sender)
    case .voteAnswer(_, let isGranted):
      if isGranted { countVote(sender) }
    case .appendEntries(let append): follow(append, of: sender)
    case .appendAccepted(_, let matchIndex, let hasRoom):
      appendWasAccepted(through: matchIndex, hasRoom: hasRoom, by: sender)
    case .appendStored(_, let index): appendWasStored(through: index, by: sender)
    case .appendRejected(_, let previousIndex, let hint):
      appendWasRejected(at: previousIndex, hint: hint, by: sender)
    case .heartbeat(_, let round, let commitIndex):
      answerHeartbeat(round, commitIndex, of: sender)
    case .heartbeatAnswer(_, let round, let verifiedIndex, let hasRoom):
      heartbeatWasAnswered(round, verifiedIndex: verifiedIndex, hasRoom: hasRoom, by: sender)
    case .commitAdvanced(_, let commitIndex):
      heard(from: sender)
      learnCommitIndex(commitIndex)
    case .timeoutNow: campaignForTransfer(from: sender)
    case .requestReadIndex(_, let request): queueRead(.follower(sender, request))
    case .readIndexAnswer(_, let request, let index):
      readsWereConfirmed(request, at: index, by: sender)
    case .removed(_, let index): wasRemoved(by: index)
    case .termPassed: break
    case .installSnapshot(let install): take(install, of: sender)
    case .snapshotWanted(_, let place): snapshotWanted(place, by: sender)
    case .present(let presence): answerPresence(presence, of: sender)
    case .remembered(_, let start, let isMore):
      wasRemembered(start, isMore: isMore, by: sender)
    case .askEnd(_, let nonce): tellEnd(for: nonce, to: sender)
    case .logEnds(let ends): endWasTold(ends, by: sender)
    case .configurationCommitted(_, let nonce, let index):
      configurationIsCommitted(index, for: nonce, by: sender)
    case .wantEntries(_, let nonce, let mark): sendEntries(ending: mark, for: nonce, to: sender)
    case .entriesEnding(let ending): take(ending, from: sender)
    case .replaceMe: replace(sender)
    case .replaced: wasReplaced()
    }
    finish()
  }

  /// A client, or an operator, asks.
  ///
  /// Called for each put: what it does is judged by the next call, before any effect leaves.
  package mutating func submit(_ submission: Submission) {
    switch submission {
    case .request(let request): propose(request, isRemoval: false)
    case .removal(let request): propose(request, isRemoval: true)
    case .read(let id): submitRead(id)
    case .transfer(let target): submitTransfer(to: target)
    case .reconfigure(let change): reconfigure(change)
    }
  }

  /// The disk holds every record up to and including this position.
  package mutating func recordsAreDurable(through position: UInt64) {
    durablePosition = max(durablePosition, position)
    unsynced.durable(through: position, at: microseconds)
    // A completion counts for an entry only if its own record is covered: the entry may have
    // been overwritten since the sync began.
    while durableIndex < log.lastIndex, log.position(at: durableIndex.next) <= durablePosition {
      durableIndex = durableIndex.next
    }
    advanceCommitIndex()
    judgeRepair()
    finish()
  }

  /// Whether the journal has room for clients' writes.
  package mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool) {
    self.hasRoom = hasRoom
    hasRoomForRemovals = forRemovals
  }

  /// Whether a request that is no removal would be refused for want of room.
  package var takesOnlyRemovals: Bool { !hasRoom || quorumLacksRoom }

  /// None of these members is to lead (see `ConsensusCore`).
  package mutating func distrust(_ members: [NodeID]) {
    if !isDistrusted { campaignsForgone = 0 }
    distrusted = members
  }

  /// What must happen now.
  package mutating func takeEffects() -> Effects<RaftMessage, RaftRecord> {
    trimLog()
    if case .leader = role {
      startRoundIfDue()
      confirmReads()
      replicate()
      tellTransferTarget()
    } else {
      askForReadIndex()
    }
    handOutCommitted()
    giveUpReceipt()
    announceLeader()
    keepAdmission()
    askAboutLosses()
    finish()
    if !effects.records.isEmpty {
      unsynced.handedOver(through: lastPosition, at: microseconds)
    }
    let taken = effects
    effects = Effects()
    // The next turn will write about as much.
    effects.records.reserveCapacity(taken.records.count)
    return taken
  }
}
