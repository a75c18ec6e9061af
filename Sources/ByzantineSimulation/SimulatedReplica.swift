import Consensus
import PBFT
import SymbolicCrypto
import Wire

/// What requests come to: each once, in order.
///
/// Equal states have equal roots.
struct SimulatedState {
  var index = LogIndex.zero
  var root = Digest.zero
  var applied: Set<SignedKeyText> = []

  /// Sessions decide whether a request is new, as `Replication` does.
  mutating func apply(_ entry: Committed) {
    index = entry.index
    guard case .signed(let request, _) = entry.payload,
      applied.insert(SignedKeyText(request)).inserted
    else { return }
    let bytes = root.bytes + request.encoded()
    root = PureSHA256().digest(of: bytes, domain: .leaf)
  }
}

struct SignedKeyText: Hashable {
  let session: UInt64
  let sequence: UInt64

  init(_ request: ClientRequest) {
    session = request.session
    sequence = request.sequence
  }
}

/// A core, its disk and its state.
struct SimulatedReplica {
  let number: Int
  let options: PBFTOptions
  var core: PBFTCore?
  var boot: UInt64 = 0

  /// The journal, in bytes as it would be; positions count from 1.
  var records: [(position: UInt64, bytes: [UInt8])] = []
  var lastPosition: UInt64 = 0
  var durablePosition: UInt64 = 0
  /// Promises and the position that they wait for.
  var held: [(position: UInt64, envelope: Envelope<PBFTMessage>)] = []
  /// Records below may be given up once the other position is durable.
  var forgetting: (below: UInt64, after: UInt64)?
  /// The statements that the durable records hold.
  var durable: Set<Statement> = []

  var state = SimulatedState()
  var snapshot: SimulatedState?
  /// Roots that are being computed, and when they are known.
  var roots: [(at: UInt64, index: LogIndex, root: Digest)] = []
  var wanted: (at: UInt64, target: StateTarget)?
  var evidence: [[UInt8]] = []

  init(number: Int, options: PBFTOptions) {
    self.number = number
    self.options = options
  }

  mutating func start(at now: UInt64) {
    boot += 1
    let recovered = records.map { entry -> Recovered<PBFTRecord> in
      guard let record = try? PBFTRecord(decoding: entry.bytes) else {
        fatalError("a record that was written is read back")
      }
      return Recovered(position: entry.position, record: record)
    }
    if let snapshot { state = snapshot } else { state = SimulatedState() }
    roots = []
    wanted = nil
    var past = Past(recovered, after: snapshot.map { mark(of: $0) })
    if records.isEmpty, lastPosition > 0 { past.holes = [1...lastPosition] }
    core = PBFTCore(
      identity: Identity(
        cluster: options.authority.cluster,
        member: options.configuration.seats[number].member,
        boot: boot
      ),
      options: options,
      recovering: past,
      seed: boot,
      now: Self.reading(now)
    )
  }

  /// Power is gone: unsynced records vanish from a boundary on, promises that waited are not kept.
  mutating func crash(keeping extra: UInt64) {
    let kept = min(durablePosition + extra, lastPosition)
    records.removeAll { $0.position > kept }
    lastPosition = kept
    durablePosition = kept
    noteDurable()
    held = []
    forgetting = nil
    core = nil
  }

  /// The disk has lost everything but its name.
  mutating func loseJournal() {
    records = []
    held = []
    snapshot = nil
    core = nil
  }

  mutating func sync() {
    durablePosition = lastPosition
    noteDurable()
    if let forgetting, forgetting.after <= durablePosition {
      records.removeAll { $0.position < forgetting.below }
      self.forgetting = nil
    }
    core?.recordsAreDurable(through: durablePosition)
  }

  private mutating func noteDurable() {
    for record in records where record.position <= durablePosition {
      guard let record = try? PBFTRecord(decoding: record.bytes) else { continue }
      for statement in record.statements { durable.insert(statement) }
    }
  }

  func mark(of state: SimulatedState) -> SnapshotMark {
    SnapshotMark(
      index: state.index,
      term: Term(0),
      logTimeMicroseconds: 0,
      configuration: options.configuration,
      configurationIndex: LogIndex(1)
    )
  }

  static func reading(_ now: UInt64) -> Reading {
    Reading(monotonicMicroseconds: now, wallMilliseconds: 1_700_000_000_000 + now / 1_000)
  }
}

extension PBFTRecord {
  /// The owner's statements that a record keeps.
  var statements: [Statement] {
    switch self {
    case .accepted(let proposal, let prepare): [.vote(prepare ?? proposal.vote)]
    case .prepared(_, let commit): [.vote(commit)]
    case .viewChange(let change): [.viewChange(change)]
    case .newView(let newView): [.newView(newView)]
    case .checkpoint(let vote): [.checkpoint(vote)]
    case .adopted, .committed, .stable, .restart, .summary, .fence, .fencePassed: []
    }
  }
}

extension PBFTMessage {
  /// What its sender says with a signature of its own, or passes on.
  var statement: Statement? {
    switch self {
    case .prePrepare(let proposal): .vote(proposal.vote)
    case .vote(let vote): .vote(vote)
    case .checkpoint(let vote): .checkpoint(vote)
    case .viewChange(let change): .viewChange(change)
    case .newView(let newView): .newView(newView)
    case .envelope, .status, .stable, .committed, .fetch, .blocks, .askFence, .fenceReport: nil
    }
  }
}
