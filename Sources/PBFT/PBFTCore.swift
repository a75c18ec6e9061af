package import Consensus

/// One replica of the Byzantine mode: chained PBFT as a value (docs/byzantine.md).
///
/// Nothing happens by itself: calls change the state and gather effects. Whatever promises
/// anything leaves behind the record that holds the promise (`messagesAfterSync`), and what this
/// replica votes itself counts only when its record is durable.
package struct PBFTCore: ByzantineCore {
  let identity: Identity
  let options: PBFTOptions
  let authority: Authority
  /// This replica's number.
  package let own: ReplicaNumber
  /// All replicas, by number.
  let members: [Member]
  /// Its monotonic part runs as long as this replica does (see `time`).
  var now: Reading
  /// The monotonic time of the last tick.
  var lastTickAt: UInt64

  /// All that is durable, or will be before anything leaves.
  package internal(set) var promises: PromiseState
  /// The newest block that is proved to be committed and held.
  package internal(set) var committed = BlockHeader.genesis
  /// The newest block handed out to be executed.
  package internal(set) var executed = SequenceNumber.zero
  /// The state that this replica waits for, as it has not executed the blocks up to it.
  package internal(set) var transfer: StableCertificate?
  /// Why this replica has stopped for good; nil as long as it works.
  package internal(set) var halt: HaltReason?
  /// The newest entry that the state includes; it may be ahead of what the journal proves.
  var appliedIndex = LogIndex.zero

  // The journal: records are counted from 1.
  var lastPosition: UInt64 = 0
  var durablePosition: UInt64 = 0
  /// This replica's own statements that count when their records are durable.
  var awaited: [(position: UInt64, statement: Statement)] = []
  var hasRoom = true
  var forgettableBelow: UInt64 = 0

  // What others have said.
  var votes: VoteTable
  var checkpoints: CheckpointTable
  /// Valid proposals of this view that do not follow the tip yet, ascending.
  var proposals: [PrePrepare] = []
  /// The newest valid view change of each replica.
  var viewChanges: [ViewChange?]
  /// A new view that holds, and waits for blocks; of this replica's own making if unsigned.
  var pendingNewView: NewView?
  /// Proof that a block is committed which this replica does not hold.
  var target: CommitProof?
  /// A newer stable state than the log reaches, and since when it is known.
  var transferWantedAt: UInt64?
  /// How far down blocks have been had since then.
  var transferFloor: SequenceNumber?
  var fetch = Fetch()
  var newestVotes: [Vote?]
  /// The highest commit of each replica that was not needed, and whose signature nobody has looked
  /// at: its sender may hide it when it leaves the view.
  var surplusCommits: [Vote?]
  var fenceReports: [FenceReport?]
  /// What the others' fences wait for.
  var fences: [FenceWatch]
  /// When each replica was last heard.
  var heardAt: [UInt64?]
  /// What each replica may still be sent of what it lacks.
  var budgets: [PeerBudget]
  var detector: EvidenceDetector

  /// The newest state that this replica and 2f others have come to alike, since the start.
  var agreed = LogIndex.zero
  var recent = RecentBlocks()
  var pool = EnvelopePool()
  /// Clients that this replica has proved to contradict themselves; looked up only.
  var accused: Set<PublicKey> = []
  var timing: ViewTiming
  var nextStatusAt: UInt64 = 0
  var nextJudgementAt: UInt64 = 0
  var nextForwardAt: UInt64 = 0
  /// When this replica last left its own view for the next, as it was asked to.
  var handedOverAt: UInt64?
  var effects = Effects<PBFTMessage, PBFTRecord>()
  var announcedLeader = LeaderChange(leader: nil, term: Term(0))
  var checked: PBFTInvariants.Summary?

  /// Goes on where the journal ends (see `ConsensusCore`).
  package init(
    identity: Identity,
    options: PBFTOptions,
    recovering past: Past<PBFTRecord>,
    seed: UInt64,
    now: Reading
  ) {
    self.identity = identity
    self.options = options
    self.now = now
    lastTickAt = now.monotonicMicroseconds
    authority = options.authority
    members = options.configuration.seats.map(\.member)
    invariant(members.count == authority.replicas.count, "each member has a key")
    guard let place = members.firstIndex(of: identity.member) else {
      fatalError("a replica is one of the members")
    }
    own = ReplicaNumber(UInt8(place))
    invariant(authority.replicas[place] == options.signer.publicKey, "a replica has its own key")
    let count = members.count
    promises = PromiseState(authority: authority, own: own)
    votes = VoteTable(view: .zero, replicasCount: count)
    checkpoints = CheckpointTable(replicasCount: count)
    viewChanges = Array(repeating: nil, count: count)
    newestVotes = Array(repeating: nil, count: count)
    surplusCommits = Array(repeating: nil, count: count)
    fenceReports = Array(repeating: nil, count: count)
    fences = Array(repeating: FenceWatch(), count: count)
    heardAt = Array(repeating: nil, count: count)
    budgets = Array(repeating: PeerBudget(), count: count)
    detector = EvidenceDetector(authority: authority)
    timing = ViewTiming(now: now.monotonicMicroseconds)
    effects.configuration = options.configuration
    recover(past)
    finish()
  }

  /// Time has passed: says how this replica stands, asks for what it lacks, judges timers.
  package mutating func tick(_ reading: Reading) {
    now.monotonicMicroseconds = time(of: reading)
    lastTickAt = max(lastTickAt, reading.monotonicMicroseconds)
    now.wallMilliseconds = reading.wallMilliseconds
    tellStatusIfDue()
    askAgainIfDue()
    judgeTransfer()
    judgeFence()
    helpFenced()
    judgeViewTimers()
    forwardAgain()
    finish()
  }

  /// A replica speaks.
  ///
  /// Who speaks for itself must be who is connected; what proves itself may come from anybody.
  package mutating func receive(_ message: PBFTMessage, from sender: Member) {
    guard halt == nil, let place = members.firstIndex(of: sender), sender != identity.member
    else { return }
    let replica = ReplicaNumber(UInt8(place))
    heardAt[place] = microseconds
    switch message {
    case .envelope(let envelope): take(envelope, from: replica)
    case .prePrepare(let proposal):
      if proposal.vote.replica == replica { take(proposal) }
    case .vote(let vote) where vote.kind == .prePrepare: compare(vote)
    case .vote(let vote):
      if vote.replica == replica { take(vote) }
    case .checkpoint(let vote):
      if vote.replica == replica { take(vote) }
    case .viewChange(let change):
      if change.replica == replica { take(change) }
    case .newView(let newView): take(newView)
    case .status(let status): help(replica, standing: status)
    case .stable(let certificate): learn(certificate)
    case .committed(let certificate): learn(certificate)
    case .fetch(let digest, let place): send(digest, above: place, to: replica)
    case .blocks(let blocks): take(blocks)
    case .askFence(let nonce): report(to: replica, nonce: nonce)
    case .fenceReport(let report): take(report, from: replica)
    }
    finish()
  }

  /// Nothing that a client has not signed is ordered: requests come in envelopes.
  ///
  /// Reads are requests here.
  package mutating func submit(_ submission: Submission) {
    switch submission {
    case .request(let request), .removal(let request):
      effects.refused.append(.request(request.key, .noLeader))
    case .read(let id): effects.refused.append(.read(id, .noLeader))
    case .transfer(let target): handOver(to: target)
    case .reconfigure: effects.refused.append(.reconfiguration(.memberUnknown))
    }
    finish()
  }

  /// A client asks, by this replica.
  ///
  /// - Returns: Why it is not taken, if so.
  @discardableResult
  package mutating func submit(_ envelope: SignedEnvelope) -> Refusal? {
    guard halt == nil else { return .fenced }
    guard !pool.holds(envelope) else { return nil }
    guard authority.isValid(envelope) else { return .memberUnknown }
    if own != primary, wasDecided(envelope, within: Self.lateMicroseconds) { return nil }
    compare(envelope)
    guard pool.add(envelope, at: microseconds) == .added else { return .overloaded }
    if own != primary { send(.envelope(envelope), to: primary) }
    finish()
    return nil
  }

  /// The disk holds every record up to and including this position.
  package mutating func recordsAreDurable(through position: UInt64) {
    durablePosition = max(durablePosition, position)
    countOwnStatements()
    finish()
  }

  /// Whether the journal has room for clients' writes.
  ///
  /// Blocks that could not be asked for so far are given the whole time to come.
  package mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool) {
    if hasRoom, !self.hasRoom, transferWantedAt != nil { transferWantedAt = microseconds }
    self.hasRoom = hasRoom
  }

  /// What removes something is signed as all else is, and waits for room as all else does.
  package var takesOnlyRemovals: Bool { false }

  /// Whose state differs is found by checkpoints here.
  package mutating func distrust(_ members: [NodeID]) {}

  /// The journal serves whole here, or the replica is fenced.
  package mutating func recordsAreDamaged(below position: UInt64) {}

  /// States are taken over page by page, outside the core.
  package mutating func jobDone(_ result: SnapshotJobResult) {}

  /// What must happen now.
  package mutating func takeEffects() -> Effects<PBFTMessage, PBFTRecord> {
    propose()
    handOut()
    announceLeader()
    finish()
    var taken = effects
    effects = Effects()
    if taken.messagesAfterSync.isEmpty, taken.records.allSatisfy({ !$0.isAwaited }) {
      swap(&effects.records, &taken.records)
    }
    return taken
  }
}

/// Why a replica has stopped for good: what it has seen is impossible with at most f liars, or its
/// own state is not the one that 2f+1 others have come to.
package enum HaltReason: Equatable, Sendable {
  /// A committed block is not on the chain that others have proved.
  case chainsDiffer(SequenceNumber)
  /// The own state after a block differs from the stable one.
  case stateDiffers(SequenceNumber)
}

/// Proof that a block is committed.
enum CommitProof: Sendable {
  case commits(CommitCertificate)
  case checkpoint(StableCertificate)

  var header: BlockHeader {
    switch self {
    case .commits(let certificate): certificate.header
    case .checkpoint(let certificate): certificate.header
    }
  }
}
