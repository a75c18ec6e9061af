import Consensus
import Wire

/// A core that does what a test says and remembers what it was asked.
struct ScriptedCore: ConsensusCore {
  struct Message: WireCodable, Sendable, Equatable {
    var number: UInt64
    func encode(into writer: inout ByteWriter) { writer.write(number) }
    init(_ number: UInt64) { self.number = number }
    init(from reader: inout ByteReader) throws(WireError) { number = try reader.read() }
  }

  struct Record: JournalRecordCodable, Sendable {
    var number: UInt64
    var isVital: Bool { number == 0 }
    var payload: [UInt8] { encoded() }
    func encode(into writer: inout ByteWriter) { writer.write(number) }
    init(_ number: UInt64) { self.number = number }
    init(from reader: inout ByteReader) throws(WireError) { number = try reader.read() }
  }

  struct Options: Sendable {
    var firstIndex = LogIndex(1)
  }

  var effects = Effects<Message, Record>()
  var status: CoreStatus
  var configuration = ClusterConfiguration(seats: [])
  var leaderID: NodeID? { status.leader }
  var submissions: [Submission] = []
  var hasRoom = true
  var hasRoomForRemovals = true
  var takesOnlyRemovals = false
  var distrusted: [NodeID] = []
  var durableThrough: UInt64 = 0
  var taken: [LogIndex] = []
  var damagedBelow: UInt64 = 0
  var canSpareOlderSnapshot = false
  var olderIsGone = false
  var installed: [LogIndex] = []
  var lost: [LogIndex] = []

  init(
    identity: Identity,
    options: Options,
    recovering past: Past<Record>,
    seed: UInt64,
    now: Reading
  ) {
    status = CoreStatus(
      role: .follower,
      term: Term(1),
      leader: nil,
      commitIndex: .zero,
      lastIndex: .zero,
      leaderContactMicroseconds: nil
    )
    status.firstIndex = options.firstIndex
  }

  static func canRecover(_ past: Past<Record>, as member: Member) -> Bool { true }

  mutating func tick(_ now: Reading) {}
  mutating func receive(_ message: Message, from sender: Member) {}
  mutating func submit(_ submission: Submission) { submissions.append(submission) }
  mutating func recordsAreDurable(through position: UInt64) { durableThrough = position }
  mutating func journalHasRoom(_ hasRoom: Bool, forRemovals: Bool) {
    self.hasRoom = hasRoom
    hasRoomForRemovals = forRemovals
  }

  func hasQuorum(_ holds: (Member) -> Bool) -> Bool {
    let voters = configuration.seats.map(\.member)
    return voters.count(where: holds) > voters.count / 2
  }

  mutating func distrust(_ members: [NodeID]) { distrusted = members }

  mutating func olderSnapshotIsGone() { olderIsGone = true }
  mutating func recordsAreDamaged(below position: UInt64) { damagedBelow = position }
  mutating func snapshotTaken(_ mark: SnapshotMark) { taken.append(mark.index) }
  mutating func snapshotInstalled(_ mark: SnapshotMark) { installed.append(mark.index) }
  mutating func jobDone(_ result: SnapshotJobResult) {
    switch result {
    case .lost(let index), .noRoom(let index): lost.append(index)
    case .read, .unreadable, .stored: break
    }
  }

  mutating func takeEffects() -> Effects<Message, Record> {
    defer { effects = Effects() }
    return effects
  }
}

/// A state machine that counts what it applies and objects to empty commands.
struct CountingMachine: StateMachine {
  typealias Change = Never
  var applied: [[UInt8]] = []
  /// How much longer answers are than they need be.
  var padding = 0
  /// How often all of it was copied while it was read back.
  var copiesCount = 0
  /// What it has let go of.
  var discarded: [any Sendable] = []

  mutating func takeDiscarded() -> [any Sendable] {
    defer { discarded = [] }
    return discarded
  }

  var changes: [Never] { [] }

  func objection(to command: Bytes) -> [UInt8]? { command.isEmpty ? [0xFF] : nil }

  func knows(_ command: Bytes) -> Bool { command.isEmpty || command[0] != 0xEE }

  /// Command 0 removes something.
  func onlyRemoves(_ command: Bytes) -> Bool { command.array == [0] }

  func level(of command: Bytes) -> FeatureLevel {
    command.isEmpty || command[0] != 0xDD ? .base : .own
  }

  mutating func apply(_ command: Bytes, at place: LogPlace) -> CompactBytes {
    applied.append(command.array)
    return [UInt8(applied.count)]
  }

  mutating func answer(_ query: [UInt8], now: Reading) -> [UInt8] {
    query + [UInt8(applied.count)] + Array(repeating: 0, count: padding)
  }

  mutating func tick(_ now: Reading) {}

  var resultDigest: UInt64 { UInt64(applied.count) }

  func stateDigest() -> UInt64 { UInt64(applied.count) }

  func freeze() -> Image { Image(waiting: applied[...]) }

  mutating func adopt(_ restored: CountingMachine) { self = restored }

  /// A piece for each command.
  struct Image: StateImage {
    fileprivate var waiting: ArraySlice<[UInt8]>

    mutating func nextPiece(sizeAim: Int) -> [UInt8]? { waiting.popFirst() }
  }

  struct Builder: StateBuilder {
    private final class Owned: Sendable {}

    private var machine = CountingMachine()
    private var owned = Owned()
    private var copiesCount = 0

    /// What is built is large: a builder that is shared while it takes a piece copies all of it.
    mutating func take(_ piece: Bytes) throws(WireError) {
      if !isKnownUniquelyReferenced(&owned) {
        owned = Owned()
        copiesCount += 1
      }
      machine.applied.append(piece.array)
    }

    mutating func finish() throws(WireError) -> CountingMachine {
      machine.copiesCount = copiesCount
      return machine
    }
  }
}
