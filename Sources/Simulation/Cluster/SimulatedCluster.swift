import Consensus
import Raft
import Replication
import Storage

/// Nodes, network, clients and faults, moved from event to event; everything from one seed.
///
/// A node's loop is the server's: what is due is read, the replica is fed and ticked, one
/// `turn()` is carried out, and the journal works on one batch while the loop collects the next.
final class SimulatedCluster {
  /// How long faults go on at least, in microseconds.
  static let stormMicroseconds: UInt64 = 60_000_000
  /// How long they go on if the clients have not got enough done by then.
  static let stormMicrosecondsMax: UInt64 = 150_000_000
  /// How many operations must be answered.
  static let operationsMin = 1_000

  var setup: SimulatedNode.Setup
  private(set) var now: UInt64 = 0
  var queue = EventQueue<ClusterEvent>()
  var nodes: [SimulatedNode]
  var network: SimulatedNetwork
  var clients: [SimulatedClient]
  var plan: FaultPlan
  var faults = FaultCounts()
  var episodes: [FaultEpisode] = []
  var checker: SafetyChecker
  var applied = AppliedLedger()
  var history = OperationHistory()
  var trace: Trace<TraceEvent>
  var coverage: Coverage
  var crashes = 0
  var isCalm = false
  /// Whether the last restart has come, in which a leader of two hears nobody for a while.
  var isFollowerRestarted = false
  /// How things stood when the cluster had to be quiet.
  var quiet: QuietMark?
  /// The nodes that are well when the faults are over.
  var core: [Int] = []
  /// The nodes that stay broken, and whether they were drawn once more when all was well.
  var broken: [Int] = []
  var hasBrokenSome = false
  /// How long writes took in quiet times, at the node that they reached.
  var latencies: [UInt64] = []
  /// When nobody asked any more, and how many messages had been sent by then.
  var idleSince: (time: UInt64, sentCount: Int)?
  private(set) var isFinished = false
  /// Where operators' wishes come from: a chance of their own, so that seeds without them run as
  /// they always did.
  var operatorRandom: RandomSource
  var random: RandomSource
  /// Which builds nodes are started with.
  var buildsRandom: RandomSource
  /// The chance of the strike that is being carried out.
  var strikeRandom: RandomSource
  /// Whom it is meant for.
  var strikeAim = FaultStrike.Aim.anybody
  /// Whether a node has lost what few others have.
  var isNewsRotten = false
  /// Chance for snapshots alone.
  var snapshotRandom: RandomSource
  /// How many crashes in the middle of an install a recipe still wants.
  var installCrashes = 0
  /// How many more installs are to be overtaken, or followed by a power cut.
  var staleInstalls = 0
  var cutsAfterInstall = 0
  /// Whether a disk has lost something in this run.
  var hasLosses = false
  /// Whether a node that has lost something must be silent; a test looks at what follows if not.
  var watchesLosses = true
  var electionStorm: ElectionStorm?
  /// How far the reference run has come, where this is one.
  var reference: ReferenceScene?
  /// What operators were told.
  var operators = OperatorWatch()
  /// Some of what clients have sent.
  var oldRequests: [SimulatedClient.Outgoing] = []
  /// How many messages nodes have sent each other.
  var sentCount = 0
  /// Whether the strict rule of readmission was drawn, and not asked for by a test.
  let isStrictByChance: Bool
  /// Whether clients make and drop collections, and what is drawn for that.
  private let collectionsRandom: RandomSource?
  let options: RunOptions

  /// A cluster that is not started yet.
  init(seed: UInt64, _ options: RunOptions, watcher: ((String) -> Void)? = nil) {
    self.options = options
    trace = Trace(watcher: watcher)
    var random = RandomSource(seed: seed)
    // Drawn in any case, so that naming the count that would be drawn changes nothing.
    let drawn = Self.drawNodeCount(&random)
    let nodeCount = options.nodes ?? drawn
    let members = (1...nodeCount).map {
      Member(id: NodeID(UInt32($0)), incarnation: Incarnation(random.next()))
    }
    var snapshotRandom = RandomSource(seed: ~seed)
    var operators = RandomSource(seed: seed ^ Self.operatorsSalt)
    let joiners = Self.drawJoiners(behind: nodeCount, options, &operators)
    var setup = Self.makeSetup(members, &random, &snapshotRandom)
    if let reference = options.reference { setup = reference.setup(from: setup) }
    setup.nodeCount += joiners.count
    if joiners.isEmpty, options.reference == nil { Self.drawReadmission(seed, &setup.raft) }
    self.setup = setup
    isStrictByChance = setup.raft.admission == .strict
    self.snapshotRandom = snapshotRandom
    nodes = (members + joiners).map { member in
      SimulatedNode(
        member: member,
        startMicroseconds: random.number(in: 0..<1_000_000_000),
        random: random.fork()
      )
    }
    network = SimulatedNetwork(nodeCount: setup.nodeCount, random: random.fork())
    let drawnPace = random.number(in: 100_000..<250_000)
    let pace = options.reference.map { $0.paceMicroseconds } ?? drawnPace
    clients = (0..<6).map {
      SimulatedClient(
        index: $0,
        nodeCount: setup.nodeCount,
        paceMicroseconds: pace,
        random: random.fork()
      )
    }
    plan = FaultPlan(random: random.fork(), until: Self.stormMicrosecondsMax, options)
    checker = SafetyChecker(members: members + joiners, voters: setup.configuration)
    coverage = Coverage(nodeCount: setup.nodeCount)
    reference = options.reference
    operatorRandom = operators
    var collections = RandomSource(seed: seed ^ Self.collectionsSalt)
    collectionsRandom = collections.oneIn(3) && reference == nil ? collections : nil
    buildsRandom = RandomSource(seed: seed ^ Self.buildsSalt)
    strikeRandom = random.fork()
    self.random = random
  }

  /// Runs everything to its end, or to the first broken promise.
  ///
  /// Given an operation, it stops where that operation has ended, so that the trace shows what
  /// led there.
  func run(toEndOf operation: Int? = nil) throws(Violation) {
    try begin()
    while !isFinished {
      if let operation, history.hasEnded(operation) { return }
      guard try step() else { return }
    }
  }

  /// Handles what comes next.
  ///
  /// - Returns: Whether there was anything.
  func step() throws(Violation) -> Bool {
    guard let (time, event) = queue.next() else { return false }
    now = time
    try handle(event)
    return true
  }

  /// Makes everything and starts it.
  func begin() throws(Violation) {
    network.weather = plan.weather
    for client in clients.indices {
      clients[client].setScanStalls(percent: plan.clientWeather.scanStallPercent)
    }
    if var chance = collectionsRandom {
      for client in clients.indices { clients[client].makesCollections(by: chance.fork()) }
    }
    try makeDirectories()
    for node in nodes.indices { try start(node) }
    for client in clients.indices {
      queue.schedule(.clientWake(client), at: UInt64(1_000 * (client + 1)))
    }
    if hasJoiners, reference == nil { queue.schedule(.memberChange, at: 2_000_000) }
    for strike in plan.strikes { queue.schedule(.strike(strike), at: strike.time) }
    queue.schedule(.calm, at: options.stormMicroseconds ?? Self.stormMicroseconds)
  }

  private func makeDirectories() throws(Violation) {
    for node in nodes.indices {
      do {
        try nodes[node].makeDirectory(setup)
      } catch {
        throw .safety("W2", "a new directory cannot be made: \(error)")
      }
      for record in nodes[node].firstRecords(setup) {
        try checker.wrote(record, by: node, isLeader: false)
      }
      checker.synced(through: 1, by: node)
      let disk = nodes[node].disk
      disk.fuse = options.fuse.map { fuse in { step in fuse(node, step) } }
    }
  }

  private func handle(_ event: ClusterEvent) throws(Violation) {
    switch event {
    case .peerFrame(let frame): try receiveFrame(frame)
    case .clientFrame(let frame): receiveRequest(frame)
    case .reply(let waiter, let node, let reply): try receiveReply(reply, to: waiter, from: node)
    case .turn(let node, let boot):
      if let process = process(node, boot) { try takeTurn(of: process, on: node) }
    case .tick(let node, let boot):
      if let process = process(node, boot) { tick(process, on: node) }
    case .batchWritten(let node, let boot):
      if let process = process(node, boot) { try batchWritten(by: process, on: node) }
    case .sparePrepared(let node, let boot):
      if let process = process(node, boot) { try sparePrepared(by: process, on: node) }
    case .segmentForgotten(let node, let boot):
      if let process = process(node, boot) { try segmentForgotten(by: process, on: node) }
    case .spaceRetried(let node, let boot):
      if let process = process(node, boot) { try retrySpace(of: process, on: node) }
    case .snapshotStep(let node, let boot):
      if let process = process(node, boot) { try stepSnapshots(of: process, on: node) }
    case .scrubbed(let node, let boot, let file):
      if let process = process(node, boot) { scrub(file, of: process, on: node) }
    case .stormKill(let node, let boot):
      if process(node, boot) != nil { killInStorm(node) }
    case .linksTurn(let id, let areCut): turnLinks(of: id, areCut: areCut)
    case .clientWake(let client): wake(client)
    case .memberChange: changeMembers()
    case .replacement(let node): askForReplacement(of: node)
    case .strike(let strike):
      if !isCalm { trace.add(.strike(strike), at: now) }
      try carryOut(strike)
    case .episodeEnds(let id): try endEpisode(id)
    case .restart(let node): try restart(node)
    case .calm: try calmDown()
    case .quiesce: try quiesce()
    case .idle: rest()
    case .lastRestart: restartFollower()
    case .finish:
      try finish()
      isFinished = true
    }
  }

  /// The process that an event was meant for, if it still lives.
  private func process(_ node: Int, _ boot: UInt64) -> NodeProcess? {
    guard let process = nodes[node].process, process.boot == boot else { return nil }
    return process
  }

  private static let collectionsSalt: UInt64 = 0x636F_6C6C_6563_7473

  private static func drawNodeCount(_ random: inout RandomSource) -> Int {
    switch random.number(below: 100) {
    case 0..<10: 1
    case 10..<65: 3
    case 65..<90: 5
    default: 7
    }
  }

  private static func makeSetup(
    _ members: [Member],
    _ random: inout RandomSource,
    _ snapshotRandom: inout RandomSource
  ) -> SimulatedNode.Setup {
    // Few places and long lives, so that idle sessions have to give way.
    let isCrowded = random.oneIn(6)
    let sessionTimeouts: [UInt64] =
      isCrowded ? [1_800_000_000] : [3_000_000, 15_000_000, 1_800_000_000]
    let segmentSizes = [16 << 10, 64 << 10, 256 << 10]
    return SimulatedNode.Setup(
      cluster: ClusterID(high: random.next(), low: random.next()),
      configuration: ClusterConfiguration(
        seats: members.map(seat(of:)),
        sessionTimeoutMicroseconds: sessionTimeouts[random.number(below: sessionTimeouts.count)],
        sessionsMax: isCrowded ? UInt32(5 + random.number(below: 4)) : 10_000
      ),
      nodeCount: members.count,
      journal: JournalOptions(segmentSizeBytes: segmentSizes[random.number(below: 3)]),
      raft: makeOptions(&random, &snapshotRandom),
      snapshots: (
        logSizeMin: [1_500, 6_000, 20_000, 64 << 20][snapshotRandom.number(below: 4)],
        pieceSizeAim: [200, 1_000, 16_000][snapshotRandom.number(below: 3)]
      ),
      pendingMax: random.oneIn(4) ? 6 + random.number(below: 6) : ReplicaOptions().pendingMax,
      tickMicroseconds: random.number(in: 10_000..<30_000)
    )
  }

  /// The shipped times; limits sometimes so low that few entries make them bind.
  private static func makeOptions(
    _ random: inout RandomSource,
    _ snapshotRandom: inout RandomSource
  ) -> RaftOptions {
    var options = RaftOptions()
    if random.oneIn(2) { options.appendSizeMax = [300, 1_000, 8_000][random.number(below: 3)] }
    if random.oneIn(3) { options.inFlightSizeMax = [1_000, 16_000][random.number(below: 2)] }
    if random.oneIn(3) { options.inFlightEntriesMax = 1 + random.number(below: 8) }
    if random.oneIn(3) { options.committedSizeMax = 500 }
    options.trailingEntriesMax = [0, 3, 30, 300][snapshotRandom.number(below: 4)]
    options.trimmedEntriesMax = [16, 200, 4_096][snapshotRandom.number(below: 3)]
    return options
  }
}
