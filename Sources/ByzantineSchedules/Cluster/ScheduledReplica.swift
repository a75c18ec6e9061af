import Consensus
package import PBFT

/// A core with a disk that confirms at once, a state, and a clock of its own.
package struct ScheduledReplica: Sendable {
  /// A message that left.
  struct Sending: Sendable {
    let to: Int
    let message: PBFTMessage
  }

  /// What it tells a client.
  struct Answer: Equatable, Sendable {
    let key: ScheduledKey
    let index: LogIndex
    let result: Digest
  }

  /// Whose key and name it has; two of them may have the same.
  let place: Int
  /// Whether it keeps to the protocol, as far as anybody can tell: the judge watches it.
  let isHonest: Bool
  /// The core; nil while the power is off.
  package private(set) var core: PBFTCore?
  private let options: PBFTOptions
  private var boot: UInt64 = 0
  private var records: [Recovered<PBFTRecord>] = []
  private(set) var lastPosition: UInt64 = 0
  private(set) var state = ScheduledState()
  private var snapshot: ScheduledState?
  private var wanted: StateTarget?
  /// Positions whose records are lost, and known to be.
  private var hole: ClosedRange<UInt64>?
  /// What it told clients when it last settled.
  private(set) var answers: [Answer] = []
  /// The power fails instead of the writing of this record.
  var failsAt: UInt64?
  /// Its own time; all begin alike.
  private(set) var monotonicMicroseconds: UInt64 = 1_000_000
  private(set) var wallMilliseconds: UInt64 = 1_700_000_000_000
  /// A digest of all that it was ever told: two that were told the same are in the same state.
  private(set) var history: UInt64

  init(place: Int, isHonest: Bool, _ genesis: ScheduleGenesis) {
    self.place = place
    self.isHonest = isHonest
    options = genesis.options(of: place)
    history = UInt64(place)
    start()
  }

  // MARK: Power

  /// Starts over what the disk has kept.
  mutating func start() {
    boot += 1
    state = snapshot ?? ScheduledState()
    wanted = nil
    var past = Past(records, after: snapshot.map { mark(of: $0) })
    if let hole { past.holes = [hole] }
    core = PBFTCore(
      identity: Identity(
        cluster: options.authority.cluster,
        member: options.configuration.seats[place].member,
        boot: boot
      ),
      options: options,
      recovering: past,
      seed: boot,
      now: reading
    )
  }

  /// The power fails; what was written stays.
  mutating func stop() {
    core = nil
    failsAt = nil
  }

  /// The disk has lost everything, and knows that it has.
  mutating func loseJournal() {
    stop()
    records = []
    snapshot = nil
    hole = 1...max(1, lastPosition)
  }

  /// One record cannot be read.
  mutating func loseRecord() {
    stop()
    guard records.count > 2 else { return }
    let lost = records.remove(at: records.count / 2)
    hole = lost.position...lost.position
  }

  /// The disk is put back to what it held so many records ago, and nothing tells.
  mutating func putBack(by count: Int) {
    stop()
    records.removeLast(min(count, records.count))
    lastPosition = records.last?.position ?? 0
    snapshot = nil
  }

  // MARK: Inputs

  mutating func pass(microseconds: UInt64, wallMilliseconds: UInt64) {
    monotonicMicroseconds += microseconds
    self.wallMilliseconds += wallMilliseconds
    note(microseconds)
    let reading = reading
    core?.tick(reading)
  }

  mutating func jumpClock(byMilliseconds offset: Int64) {
    wallMilliseconds = UInt64(Int64(wallMilliseconds) + offset)
  }

  mutating func hasRoom(_ hasRoom: Bool) {
    core?.journalHasRoom(hasRoom, forRemovals: hasRoom)
  }

  mutating func submit(_ envelope: SignedEnvelope, id: UInt64) {
    note(id)
    core?.submit(envelope)
  }

  /// The id tells messages apart; equal ids mean equal messages.
  mutating func receive(_ message: PBFTMessage, from place: Int, id: UInt64) {
    note(id)
    let sender = options.configuration.seats[place].member
    core?.receive(message, from: sender)
  }

  private mutating func note(_ value: UInt64) {
    history = Self.mix(history, value)
  }

  static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var value = (left ^ right &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
    value ^= value >> 29
    value = (value &+ 0x632B_E59B_D9B4_E019) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 32
  }

  private var reading: Reading {
    Reading(
      monotonicMicroseconds: monotonicMicroseconds,
      wallMilliseconds: wallMilliseconds
    )
  }

  // MARK: Effects

  /// Carries out what the core asks for, and gives what leaves.
  mutating func settle(_ judge: inout ScheduleJudge) -> [Sending] {
    var sendings: [Sending] = []
    answers = []
    while let effects = core?.takeEffects() {
      sendings += effects.messages.map { Sending(to: number($0), message: $0.message) }
      if isHonest { judge.sentAtOnce(effects.messages.map(\.message), by: place) }
      if isHonest { judge.writes(effects.records, by: place) }
      guard write(effects.records) else { return [] }
      if let below = effects.forgetRecordsBelow { records.removeAll { $0.position < below } }
      sendings += effects.messagesAfterSync.map { Sending(to: number($0), message: $0.message) }
      if isHonest { judge.sent(effects.messagesAfterSync.map(\.message), by: place) }
      apply(effects, &judge)
      if let target = effects.stateWanted { wanted = target }
      takeState(judge)
      if effects.records.isEmpty, effects.stateRootDue == nil { break }
    }
    if isHonest, let core { judge.stands(core, place) }
    return sendings
  }

  private func number(_ envelope: Envelope<PBFTMessage>) -> Int {
    Int(envelope.recipient.id.rawValue) - 1
  }

  /// Writes records; false if the power failed meanwhile.
  private mutating func write(_ written: [PBFTRecord]) -> Bool {
    for record in written {
      if failsAt == lastPosition + 1 {
        stop()
        return false
      }
      lastPosition += 1
      records.append(Recovered(position: lastPosition, record: record))
    }
    core?.recordsAreDurable(through: lastPosition)
    return true
  }

  private mutating func apply(
    _ effects: Effects<PBFTMessage, PBFTRecord>,
    _ judge: inout ScheduleJudge
  ) {
    for entry in effects.committed {
      let result = state.apply(entry)
      guard isHonest else { continue }
      judge.applied(entry, by: place, root: state.root, result: result)
      if let result, case .signed(let request, let client) = entry.payload {
        let key = ScheduledKey(client: client, key: request.key)
        answers.append(Answer(key: key, index: entry.index, result: result))
      }
    }
    if let index = effects.stateRootDue {
      if isHonest { judge.hasState(state, at: index, by: place) }
      core?.stateRootIsKnown(state.root, at: index)
      snapshot = state
      let mark = mark(of: state)
      core?.snapshotTaken(mark)
    }
    if isHonest { for bytes in effects.evidence { judge.reported(bytes, by: place) } }
  }

  /// Takes a whole state over from whoever has it, checked against the root that was asked for.
  private mutating func takeState(_ judge: ScheduleJudge) {
    guard let target = wanted, let state = judge.state(at: target.index),
      state.root == target.root
    else { return }
    wanted = nil
    self.state = state
    snapshot = state
    let mark = mark(of: state)
    core?.snapshotInstalled(mark)
  }

  private func mark(of state: ScheduledState) -> SnapshotMark {
    SnapshotMark(
      index: state.index,
      term: Term(0),
      logTimeMicroseconds: 0,
      configuration: options.configuration,
      configurationIndex: LogIndex(1)
    )
  }
}
