import Consensus
import Raft

/// One node of a small world: the core that ships, and what its disk holds.
///
/// A value: each step makes another.
struct SmallNode {
  struct Promise {
    /// How many records must be durable first.
    var recordsBefore: Int
    let envelope: Envelope<RaftMessage>
  }

  /// The last vote that left the node.
  struct Pledge: Hashable {
    let term: UInt8
    let candidate: Int
  }

  let place: Int
  let flaw: WorldFlaw
  private(set) var core: RaftCore
  private var now = SmallCluster.start
  /// Every record on the disk, since the directory was made.
  private var durableRecords = SmallCluster.records
  private(set) var durable = DurableState(folding: SmallCluster.records)
  /// Records on their way to the disk.
  private(set) var unsynced: [RaftRecord] = []
  private(set) var promises: [Promise] = []
  var pledge: Pledge?

  init(at place: Int, flaw: WorldFlaw) {
    self.place = place
    self.flaw = flaw
    core = SmallCluster.core(at: place, recovering: durableRecords, now: now)
    _ = core.takeEffects()
  }

  var term: UInt8 { UInt8(core.currentTerm.rawValue) }
  var isLeader: Bool { core.status.role == .leader }

  /// The core's log.
  var log: PackedLog {
    var log = PackedLog()
    var index = LogIndex(1)
    while let entry = core.entry(at: index) {
      log.append(PackedLog.code(entry))
      index = index.next
    }
    return log
  }

  // MARK: What can happen

  /// A message arrives.
  mutating func receive(_ message: RaftMessage, from sender: Int) -> NodeEffects {
    core.receive(message, from: SmallCluster.members[sender])
    return carryOut()
  }

  /// A message arrives when the leader of old has been silent for an election timeout, and the
  /// node's own, longer one has not run out.
  ///
  /// Trust in a leader shows in the answer to a candidate and nowhere else. So it need not end
  /// before a candidate asks.
  mutating func receiveLate(_ message: RaftMessage, from sender: Int) -> NodeEffects {
    advanceClock()
    return receive(message, from: sender)
  }

  /// Whether the node would refuse a candidate for its leader's sake.
  var isTrusting: Bool {
    guard core.status.role == .follower else { return false }
    var later = self
    later.advanceClock()
    return later.core.status.role == .follower
  }

  /// A timer runs out: a leader's at the next step; another's after the one in which it heard
  /// its leader last, which only ends its trust.
  mutating func passTime() -> NodeEffects {
    let isPatient = isTrusting
    advanceClock()
    if isPatient { advanceClock() }
    return carryOut()
  }

  private mutating func advanceClock() {
    now.monotonicMicroseconds += SmallCluster.step
    core.tick(now)
  }

  /// The disk confirms the next records.
  mutating func sync(_ count: Int) -> NodeEffects {
    for record in unsynced.prefix(count) { durable.fold(record) }
    durableRecords += unsynced.prefix(count)
    unsynced.removeFirst(count)
    for place in promises.indices { promises[place].recordsBefore -= count }
    core.recordsAreDurable(through: core.durablePosition + UInt64(count))
    return carryOut()
  }

  /// A client asks.
  mutating func submit(_ number: Int) -> NodeEffects {
    let request = ClientRequest(.write, session: 1, sequence: UInt64(number))
    core.submit(.request(request))
    return carryOut()
  }

  /// The node crashes, some of what was on its way to the disk survives, and it starts again.
  mutating func crash(surviving count: Int) -> NodeEffects {
    durableRecords += unsynced.prefix(count)
    damageRecords()
    unsynced = []
    promises = []
    durable = DurableState(folding: durableRecords)
    core = SmallCluster.core(at: place, recovering: durableRecords, now: now)
    return carryOut()
  }

  private mutating func damageRecords() {
    switch flaw {
    case .none, .promisesEarly, .refusalsGranted: break
    case .votesForgotten:
      durableRecords = durableRecords.map { record in
        guard case .hardState(let term, _) = record else { return record }
        return .hardState(term: term, votedFor: nil)
      }
    case .syncedLost:
      let isLost = durableRecords.count > SmallCluster.records.count
      if isLost, case .entry = durableRecords.last { durableRecords.removeLast() }
    }
  }

  /// Does what the core wants, in the order in which a replica does it.
  private mutating func carryOut() -> NodeEffects {
    let effects = core.takeEffects()
    unsynced += effects.records
    for envelope in effects.messagesAfterSync where !isPromised(envelope) {
      promises.append(Promise(recordsBefore: unsynced.count, envelope: envelope))
    }
    var sent = effects.messages
    if flaw == .promisesEarly {
      sent += promises.map(\.envelope)
      promises = []
    } else {
      let ready = promises.prefix { $0.recordsBefore <= 0 }
      sent += ready.map(\.envelope)
      promises.removeFirst(ready.count)
    }
    let isTruncated = effects.records.contains { record in
      if case .truncate = record { true } else { false }
    }
    return NodeEffects(sent: sent, isTruncated: isTruncated)
  }

  /// Whether the same waits already: once it leaves, it can arrive as often as it likes.
  private func isPromised(_ envelope: Envelope<RaftMessage>) -> Bool {
    promises.contains {
      $0.envelope.recipient == envelope.recipient && $0.envelope.message == envelope.message
    }
  }

  /// What a damaging network makes of a message.
  func damaged(_ envelope: Envelope<RaftMessage>) -> Envelope<RaftMessage> {
    guard flaw == .refusalsGranted, case .voteAnswer(let term, false) = envelope.message else {
      return envelope
    }
    return Envelope(to: envelope.recipient, .voteAnswer(term: term, isGranted: true))
  }
}

/// What a step shows outside the node.
struct NodeEffects {
  let sent: [Envelope<RaftMessage>]
  /// Whether the log's end was dropped.
  let isTruncated: Bool
}
