package import Consensus
package import Storage
import Wire

/// Carries out what a core decided, in the safe order: send, persist, promise, apply, answer.
///
/// A value driven by a server or a simulator: calls come in, `turn()` says what to do.
/// Everything about exactly-once stands here, outside the protocol.
package struct Replica<Core: ConsensusCore, Machine: StateMachine>: Sendable {
  /// Decides.
  package internal(set) var core: Core
  /// Holds the documents.
  package internal(set) var machine: Machine
  /// Holds what makes retries safe.
  package internal(set) var sessions = ClientSessions()
  /// The newest entry that the state includes.
  package internal(set) var lastApplied = LogIndex.zero

  /// What its results came to, to be compared with the other nodes'.
  var results = ResultDigests()
  var watch: DivergenceWatch

  let options: ReplicaOptions
  let identity: Identity
  var now: Reading
  var pending: PendingReplies
  var reads = PendingReads()
  var forwarders = Forwarders()
  var transfers: [ReplyToken] = []
  /// Who is to lead after the transfer under way; nil if anybody else may.
  var transferTarget: NodeID?
  /// Who waits for the change of members that this node was asked for last.
  var reconfigurer: ReplyToken?
  var next = Turn<Core.Message>()
  /// What is left of the effects between the halves of a turn.
  private var underway: Effects<Core.Message, Core.Record>?
  /// Whether they were taken in an earlier turn, which applied only a part.
  private var isSplit = false
  /// Committed entries whose turn has come, and that are not applied yet.
  var unapplied: ArraySlice<Committed> = []
  var promises = PromiseQueue<Core.Message>()
  var room: RoomEstimate
  var snapshots = SnapshotSchedule()
  var snapshotOrders: [SnapshotOrder<Machine>] = []
  /// The state whose root is due.
  var stateRootOrder: StateRootOrder<Machine>?
  /// The state from which on the machine's changes are known.
  var changesStart = LogIndex.zero
  /// What is to be the next snapshot, once it is certain to be right.
  var unconfirmed: UnconfirmedState<Machine>?
  /// What all members understand: commands of a later level are not proposed.
  package var commonLevel = FeatureLevel.base
  /// The first committed entry that this version cannot apply; the state never goes past it.
  var unknownCommand: LogIndex?

  /// Goes on where the journal ends, from the state of a snapshot if there is one.
  ///
  /// - Throws: `ReplicaError.unreadableRecord` if a record that the journal vouches for means
  ///   nothing to this version; `journalIncomplete` if something of the journal, or between it and
  ///   the state, is missing and nobody is known who may have it.
  package init(
    start: ReplicaStart<Core>,
    machine: Machine,
    restored: RestoredSnapshot<Machine>? = nil,
    recovered: [RecoveredRecord]
  ) throws(ReplicaError) {
    let found = start.completed(recovered, after: restored?.mark)
    let past = Past(
      try Self.decode(found.records),
      after: restored?.mark,
      without: found.holes,
      isVoteCertain: start.isVoteCertain
    )
    guard Core.canRecover(past, as: start.identity.member) else {
      throw .journalIncomplete(after: restored?.mark.index ?? .zero)
    }
    identity = start.identity
    options = start.options
    now = start.now
    pending = PendingReplies(seed: start.seed)
    watch = DivergenceWatch(of: start.identity.member, boot: start.identity.boot)
    self.machine = machine
    room = RoomEstimate(
      roomBytes: start.journalRoomBytes,
      reserveBytes: start.options.journalReserveBytes
    )
    promises.durableThrough = past.lastPosition
    promises.handedThrough = promises.durableThrough
    core = Core(
      identity: start.identity,
      options: start.coreOptions,
      recovering: past,
      seed: start.seed,
      now: start.now
    )
    if let restored {
      adopt(restored)
      snapshots.isIrreplaceable = core.status.firstIndex > restored.mark.index
    }
    snapshots.journalFound(recovered.reduce(0) { $0 + $1.footprint })
  }

  /// Time has passed; called once per turn, after the turn's messages.
  package mutating func tick(_ now: Reading) {
    self.now = now
    dropSettled()
    core.tick(now)
    machine.tick(now)
    for token in pending.takeOverdue(at: now.monotonicMicroseconds) {
      answer(token, .refused(.leadershipLost))
    }
    for token in reads.takeOverdue(at: now.monotonicMicroseconds) {
      answer(token, .refused(core.agreedIndex == nil ? .deadlinePassed : .tooStale))
    }
    watchDivergence()
  }

  /// A member speaks; the connection has proved who it is.
  package mutating func receive(_ message: PeerMessage<Core.Message>, from sender: Member) {
    switch message {
    case .consensus(let message):
      if let envelope = Core.passedOn(by: message), sessions.isSettled(envelope) { return }
      core.receive(message, from: sender)
    case .forward(let request): receiveForwarded(request, from: sender)
    case .forwardRefused(let key, let refusal):
      // A leader of the past knows nothing of what has been sent to another since, or is
      // proposed here (R3).
      if pending.isForwarded(key, to: sender) { refuse(key, refusal) }
    case .digests(let report): receive(report, from: sender)
    }
  }

  /// The disk holds every record up to `position` for good, and has this much room left.
  ///
  /// A journal that is short of room on a disk that is not full only has to catch up.
  package mutating func recordsAreDurable(
    through position: UInt64,
    roomBytes: Int,
    isDiskFull: Bool = true
  ) {
    promises.durableThrough = max(promises.durableThrough, position)
    room.report(roomBytes, isDiskFull: isDiskFull, through: position)
    core.recordsAreDurable(through: position)
    snapshots.disk(isFull: room.isFull)
    core.journalHasRoom(!room.isFull, forRemovals: !room.isUsedUp)
  }

  /// The first half of a turn: what has to leave for the peers and the disk.
  ///
  /// They work on it while this node applies and answers. Nothing else of a `Turn` is set. The core
  /// decides nothing further before what it decided last is applied.
  package mutating func beginTurn() -> Turn<Core.Message> {
    if underway == nil { takeEffects() }
    for envelope in promises.takeKept() { send(envelope) }
    var begun = Turn<Core.Message>()
    swap(&begun.messages, &next.messages)
    swap(&begun.records, &next.records)
    swap(&begun.forgetRecordsBelow, &next.forgetRecordsBelow)
    return begun
  }

  /// The second half: applies and answers, in the order of `Effects`' fields.
  package mutating func endTurn() -> Turn<Core.Message> {
    defer { next = Turn() }
    applyCommitted()
    next.unknownCommand = unknownCommand
    guard unapplied.isEmpty, let effects = underway else {
      isSplit = true
      next.isUnfinished = true
      return next
    }
    underway = nil
    // What the core has decided since waits for the next turn.
    next.isUnfinished = isSplit
    isSplit = false
    if effects.hasMoreCommitted { next.isUnfinished = true }
    if let index = effects.stateRootDue {
      orderStateRoot(at: index)
      // What is committed behind it waits for the next turn.
      next.isUnfinished = true
    }
    // Where states are voted for, only such a one is kept: a start can say its root again.
    if core.agreedIndex == nil || effects.stateRootDue != nil { freezeIfDue() }
    for readable in effects.readable { reads.confirm(readable) }
    answerReads()
    for refused in effects.refused { refuse(refused) }
    if let index = effects.reconfigured { reconfigurationIsDone(at: index) }
    next.isRemoved = effects.isRemoved
    next.admission = effects.admission
    next.successor = effects.successor
    if let change = effects.leader { leaderChanged(change) }
    if let configuration = effects.configuration { next.configuration = configuration }
    next.stateWanted = effects.stateWanted
    next.evidence = effects.evidence
    return next
  }

  /// Both halves at once.
  package mutating func turn() -> Turn<Core.Message> {
    let begun = beginTurn()
    var turn = endTurn()
    turn.messages.insert(contentsOf: begun.messages, at: 0)
    turn.records = begun.records
    turn.forgetRecordsBelow = begun.forgetRecordsBelow
    return turn
  }

  /// A digest over documents and sessions at `lastApplied`; it visits everything.
  package func stateDigest() -> UInt64 {
    StateDigest(of: machine, sessions).value
  }

  private mutating func takeEffects() {
    var effects = core.takeEffects()
    for envelope in effects.messages { send(envelope) }
    persist(effects.records)
    next.forgetRecordsBelow = effects.forgetRecordsBelow
    for job in effects.jobs { snapshotOrders.append(.job(job)) }
    promises.add(effects.messagesAfterSync)
    unapplied = effects.committed[...]
    snapshots.logGrew(by: effects.committedOverhead)
    effects.committed = []
    if !effects.discarded.isEmpty { snapshotOrders.append(.discardParts(effects.discarded)) }
    effects.discarded = []
    underway = effects
  }

  /// The state was replaced by a later one, which includes entries that were to be applied.
  mutating func skip(through index: LogIndex) {
    unapplied = unapplied.drop { $0.index <= index }
    if let due = underway?.stateRootDue, due <= index { underway?.stateRootDue = nil }
  }

  mutating func answer(_ token: ReplyToken, _ reply: ReplicaReply) {
    next.replies.append(AddressedReply(reply, to: token))
  }

  private mutating func send(_ envelope: Envelope<Core.Message>) {
    next.messages.append(Envelope(to: envelope.recipient, .consensus(envelope.message)))
  }

  private mutating func persist(_ records: [Core.Record]) {
    room.forgetProposals()
    guard !records.isEmpty else { return }
    next.records.reserveCapacity(records.count)
    var size = 0
    for record in records {
      let encoded = JournalRecord(
        payload: record.payload,
        isVital: record.isVital
      )
      size += encoded.footprint
      next.records.append(encoded)
    }
    promises.handedThrough += UInt64(records.count)
    snapshots.journalGrew(by: size)
    room.use(size, through: promises.handedThrough)
    core.journalHasRoom(!room.isFull, forRemovals: !room.isUsedUp)
  }

  private static func decode(
    _ recovered: [RecoveredRecord]
  ) throws(ReplicaError) -> [Recovered<Core.Record>] {
    var records: [Recovered<Core.Record>] = []
    records.reserveCapacity(recovered.count)
    for found in recovered {
      do {
        let record = try Core.Record(decoding: found.payload)
        records.append(Recovered(position: found.position, record: record))
      } catch {
        throw .unreadableRecord(position: found.position, reason: error)
      }
    }
    return records
  }
}
