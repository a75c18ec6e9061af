import Consensus

/// What a leader knows of one follower.
struct FollowerProgress: Sendable {
  /// How entries are sent.
  enum State: Hashable, Sendable {
    /// It is not known where the logs meet: one message at a time. `sentAt` is when the
    /// unanswered one left.
    case probe(sentAt: UInt64?)
    /// The logs meet: many messages in flight. `movedAt` is when something last went forward.
    case stream(movedAt: UInt64)
    /// It lacks entries that the log has forgotten, and is sent a snapshot: one part at a time.
    case snapshot(SnapshotSending)

    var isStream: Bool {
      if case .stream = self { true } else { false }
    }
  }

  let member: Member
  /// The newest entry that the follower is known to hold durably.
  private(set) var matchIndex = LogIndex.zero
  /// The next entry to send; ahead of the answers while streaming.
  private(set) var nextIndex: LogIndex
  private(set) var state = State.probe(sentAt: nil)
  /// When it last answered, by the monotonic clock.
  var heardAt: UInt64?
  /// The newest heartbeat round that it answered.
  var answeredRound: UInt64 = 0
  /// The commit index it was last told.
  var toldCommitIndex = LogIndex.zero
  /// Whether its journal takes clients' entries.
  private(set) var hasRoom = true

  /// The question of a follower that has lost a part of its journal.
  private var lossNonce: UInt64?

  /// Whether it reached the end of the log of a moment ago within an election timeout.
  ///
  /// Then it would hold up nobody as a voter (thesis §4.2.1). Judged of learners only.
  private(set) var isCaughtUp = false
  /// The end of the log that it is on its way to, and since when.
  private var catchUp: (target: LogIndex, since: UInt64)?

  init(member: Member, nextIndex: LogIndex, heardAt: UInt64?) {
    self.member = member
    self.nextIndex = nextIndex
    self.heardAt = heardAt
  }

  /// Whether the next batch may leave now.
  func maySend(from log: RaftLog, within options: RaftOptions) -> Bool {
    switch state {
    case .snapshot: return false
    case .probe(let sentAt): return sentAt == nil
    case .stream:
      guard nextIndex <= log.lastIndex else { return false }
      guard nextIndex > matchIndex.next else { return true }
      return nextIndex - matchIndex <= options.inFlightEntriesMax
        && log.size(after: matchIndex, through: nextIndex.previous) < options.inFlightSizeMax
    }
  }

  /// Entries up to `last` have left.
  mutating func sent(through last: LogIndex, at now: UInt64) {
    switch state {
    case .probe:
      state = .probe(sentAt: now)
    case .stream(let movedAt):
      let isFirstInFlight = nextIndex == matchIndex.next
      state = .stream(movedAt: isFirstInFlight ? now : movedAt)
      nextIndex = last.next
    case .snapshot:
      break
    }
  }

  /// The follower holds everything up to `index`.
  ///
  /// Without room it has left out what followed; that is offered again after the usual patience.
  mutating func accepted(through index: LogIndex, hasRoom: Bool, at now: UInt64) {
    let isProbeAnswered = index.next >= nextIndex
    let hasMoved = index > matchIndex
    if index > matchIndex {
      matchIndex = index
      nextIndex = max(nextIndex, index.next)
      if case .stream = state { state = .stream(movedAt: now) }
    }
    self.hasRoom = hasRoom
    if case .snapshot(let sending) = state {
      // It may lack what lies between its log and the snapshot.
      if index >= sending.mark.index { state = .stream(movedAt: now) }
    } else if !hasRoom, !hasMoved || !isProbeAnswered {
      nextIndex = matchIndex.next
      state = .probe(sentAt: now)
    } else if case .probe = state, isProbeAnswered {
      state = .stream(movedAt: now)
    }
  }

  /// The follower has everything up to `index` and does not count yet: it is sent what follows,
  /// one message at a time.
  mutating func stored(through index: LogIndex) {
    switch state {
    case .snapshot(let sending): guard index >= sending.mark.index else { return }
    case .probe, .stream: guard index >= nextIndex else { return }
    }
    nextIndex = max(nextIndex, index.next)
    state = .probe(sentAt: nil)
  }

  /// The logs differ at `previousIndex`; they may meet at `candidate`.
  ///
  /// Late and repeated rejections say nothing about the present and are dropped: those at or
  /// below what is known to match, and those of a probe that was answered already.
  mutating func rejected(at previousIndex: LogIndex, candidate: LogIndex) {
    if case .snapshot = state { return }
    if case .probe = state, previousIndex.next != nextIndex { return }
    // What it acknowledged may have been lost since.
    guard previousIndex > matchIndex || lossNonce != nil else { return }
    if previousIndex <= matchIndex { matchIndex = min(candidate, previousIndex.previous) }
    nextIndex = max(matchIndex, min(candidate, previousIndex.previous)).next
    state = .probe(sentAt: nil)
  }

  /// It has lost a part of its journal: what it acknowledged may be gone.
  mutating func lost(asking nonce: UInt64) {
    guard lossNonce != nonce else { return }
    lossNonce = nonce
    matchIndex = .zero
    if sending == nil { state = .probe(sentAt: nil) }
  }

  /// Sends again what has been without an answer for too long.
  mutating func resendIfLost(at now: UInt64, within options: RaftOptions) {
    let patience = options.resendMicroseconds
    switch state {
    case .probe(let sentAt):
      guard let sentAt, now - sentAt >= patience else { return }
      state = .probe(sentAt: nil)
    case .stream(let movedAt):
      guard nextIndex > matchIndex.next, now - movedAt >= patience else { return }
      nextIndex = matchIndex.next
      state = .probe(sentAt: nil)
    case .snapshot(var sending):
      sending.resendIfLost(at: now, after: options.partResendMicroseconds)
      state = .snapshot(sending)
    }
  }

  /// Judges in rounds how fast a learner follows: each begins with the log as it is and ends when
  /// the learner holds that.
  mutating func judgeCatchUp(last: LogIndex, at now: UInt64, within patience: UInt64) {
    guard let (target, since) = catchUp else {
      catchUp = (last, now)
      return
    }
    if matchIndex >= target {
      isCaughtUp = now - since <= patience
      catchUp = (last, now)
    } else if now - since > patience {
      isCaughtUp = false
    }
  }

  /// Learns from a heartbeat's answer.
  ///
  /// A follower with room again is offered at once what it left out. One that has compared less
  /// than it once acknowledged has restarted: it needs to compare again before it can believe
  /// any commit index.
  mutating func learn(verifiedIndex: LogIndex, hasRoom: Bool) {
    let hasRestarted = verifiedIndex < matchIndex && state.isStream
    if hasRestarted || (hasRoom && !self.hasRoom && !isReceivingSnapshot) {
      nextIndex = matchIndex.next
      state = .probe(sentAt: nil)
    }
    self.hasRoom = hasRoom
  }

  // MARK: Snapshots

  private var isReceivingSnapshot: Bool { sending != nil }

  /// What it is being sent of a snapshot.
  var sending: SnapshotSending? {
    if case .snapshot(let sending) = state { sending } else { nil }
  }

  /// It can only go on from a snapshot; the first part is due.
  mutating func needsSnapshot(_ mark: LogMark) {
    state = .snapshot(SnapshotSending(mark: mark))
  }

  /// The part to read now, if one is due; once.
  mutating func partDue() -> SnapshotPlace? {
    guard case .snapshot(var sending) = state, let place = sending.partDue() else { return nil }
    state = .snapshot(sending)
    return place
  }

  /// Changes how far a snapshot was sent, if one is.
  mutating func updateSending(_ change: (inout SnapshotSending) -> Void) {
    guard case .snapshot(var sending) = state else { return }
    change(&sending)
    state = .snapshot(sending)
  }
}
