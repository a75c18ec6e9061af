import Consensus

/// Which faults a seed has, how often, and how bad the network is.
///
/// Swarm style: a seed has few kinds, a quarter or half of them, so that rare combinations are not
/// drowned by common faults.
struct FaultPlan {
  /// Kinds that strike at moments of their own; the others are matters of the network's weather.
  private static let striking: [(kind: FaultKind, meanSeconds: UInt64)] = [
    (.replay, 2), (.partition, 8), (.oneWayCut, 8), (.partialCut, 10), (.kill, 10),
    (.killInTurn, 12), (.powerCut, 10), (.cutAtDiskCall, 12), (.cutInRecovery, 15),
    (.blackout, 30), (.pause, 8), (.slowDisk, 8), (.hungDisk, 20), (.clockRate, 15),
    (.wallJump, 10), (.transfer, 8), (.restartStorm, 20), (.slowNode, 10), (.lateTimers, 10),
    (.syncError, 10), (.writeError, 12), (.fullDisk, 12), (.rot, 25), (.reset, 4), (.flapping, 10),
    (.swizzle, 15), (.notReading, 10), (.splitElection, 6), (.pauseAfterRead, 10), (.flood, 12),
    (.disconnect, 5), (.clientRestart, 8), (.requestReplay, 2), (.idleSession, 10),
    (.lyingMemory, 20),
  ]

  /// Recipes: a seed has one of them or none.
  private static let recipes: [(kind: FaultKind, meanSeconds: UInt64)] = [
    (.churn, 12), (.staleLeader, 4), (.crashUnderLoad, 4), (.powerCutAndPause, 5),
    (.swizzleAndRestarts, 10), (.longPartition, 20), (.brokenTopology, 25), (.retryStorm, 8),
    (.crashInSnapshot, 4), (.crashInInstall, 12), (.isolatedChange, 6), (.swappedDisks, 8),
    (.restartsWhenFull, 15), (.corruptThenLead, 8),
  ]

  /// Kinds by which a disk loses what it had, and what strikes snapshots; a quarter of the seeds
  /// has each.
  private static let losses: [(kind: FaultKind, meanSeconds: UInt64)] = [
    (.wipedDisk, 30), (.rolledBackDisk, 12), (.lossBeforeElection, 20), (.rottenSnapshot, 6),
    (.staleInstall, 2), (.cutAfterInstall, 4), (.rottenQuorum, 12),
  ]

  /// Kinds that may strike while a cluster forms, when nothing that its nodes know of each other is
  /// durable yet; some of the seeds have a few.
  private static let early: [FaultKind] = [
    .kill, .killInTurn, .powerCut, .cutAtDiskCall, .cutInRecovery, .blackout, .pause, .slowDisk,
    .hungDisk, .partition, .oneWayCut, .syncError, .writeError, .restartStorm, .slowNode, .reset,
  ]

  /// How badly the links between nodes behave.
  private(set) var weather = SimulatedNetwork.Weather()
  /// How badly the links to clients behave.
  private(set) var clientWeather = ClientWeather()
  /// Whether nodes are of several builds.
  var mixesBuilds = false
  /// Everything that strikes until the longest storm is over, in the order of time.
  private(set) var strikes: [FaultStrike] = []
  private var random: RandomSource

  /// A strike that has no number yet.
  private typealias Drawn = (time: UInt64, kind: FaultKind, random: RandomSource)

  /// Draws everything; what the options leave out is drawn as well, and then left out.
  init(random: RandomSource, until end: UInt64, _ options: RunOptions) {
    self.random = random
    var drawn = drawStrikes(until: end)
    drawWeather()
    // Last, so that seeds without them are what they would be if there were none.
    drawn += drawLosses(until: end)
    drawn += drawEarly()
    drawn += drawBuilds(until: end)
    number(drawn, options)
    for kind in FaultKind.allCases where options.withoutWeather.contains(kind) { calm(kind) }
  }

  private mutating func drawStrikes(until end: UInt64) -> [Drawn] {
    var drawn: [Drawn] = []
    let share = [12, 25, 50][random.number(below: 3)]
    let recipe = random.chance(percent: 25) ? random.number(below: Self.recipes.count) : nil
    for (place, striking) in (Self.striking + Self.recipes).enumerated() {
      var chance = random.fork()
      let isRecipe = place >= Self.striking.count
      guard isRecipe ? place - Self.striking.count == recipe : chance.chance(percent: share)
      else { continue }
      drawn += Self.moments(of: striking, until: end, &chance)
    }
    return drawn
  }

  private mutating func drawLosses(until end: UInt64) -> [Drawn] {
    var drawn: [Drawn] = []
    for loss in Self.losses {
      var chance = random.fork()
      guard chance.chance(percent: 25) else { continue }
      drawn += Self.moments(of: loss, until: end, &chance)
    }
    return drawn
  }

  private mutating func drawEarly() -> [Drawn] {
    var chance = random.fork()
    guard chance.chance(percent: 30) else { return [] }
    return (0..<1 + chance.number(below: 4)).map { _ in
      let kind = Self.early[chance.number(below: Self.early.count)]
      return (chance.number(in: 0..<1_500_000), kind, chance.fork())
    }
  }

  private mutating func drawBuilds(until end: UInt64) -> [Drawn] {
    var chance = random.fork()
    mixesBuilds = chance.oneIn(4)
    return mixesBuilds ? Self.moments(of: (.mixedBuilds, 10), until: end, &chance) : []
  }

  private static func moments(
    of fault: (kind: FaultKind, meanSeconds: UInt64),
    until end: UInt64,
    _ chance: inout RandomSource
  ) -> [Drawn] {
    var drawn: [Drawn] = []
    // From half as often to twice as often.
    let mean = fault.meanSeconds * chance.number(in: 50..<200) * 10_000
    var time: UInt64 = 1_000_000
    while true {
      time += chance.number(in: mean / 5..<mean * 9 / 5)
      guard time < end else { return drawn }
      drawn.append((time, fault.kind, chance.fork()))
    }
  }

  private mutating func number(_ drawn: [Drawn], _ options: RunOptions) {
    // The place among the drawn breaks ties: a sort need not be stable.
    let order = drawn.indices.sorted { (drawn[$0].time, $0) < (drawn[$1].time, $1) }
    for (offset, place) in order.enumerated()
    where !options.withoutStrikes.contains(offset + 1) {
      let (time, kind, random) = drawn[place]
      strikes.append(FaultStrike(number: offset + 1, kind: kind, time: time, random: random))
    }
  }

  private mutating func drawWeather() {
    if random.chance(percent: 50) { weather.lossPermille = [1, 10, 50][random.number(below: 3)] }
    if random.chance(percent: 50) {
      weather.duplicationPermille = [1, 10, 50][random.number(below: 3)]
    }
    if random.chance(percent: 50) {
      weather.tailPermille = [1, 10, 100][random.number(below: 3)]
      weather.tailMax = [10_000, 100_000, 1_000_000][random.number(below: 3)]
    }
    weather.reorders = random.chance(percent: 50)
    if random.chance(percent: 25) { weather.oddAppendPermille = 200 }
    if random.chance(percent: 50) { clientWeather.scanStallPercent = 25 }
    if random.chance(percent: 25) { weather.corruptionPermille = [1, 10][random.number(below: 2)] }
    if random.chance(percent: 50) { clientWeather.requestLossPermille = 20 }
    if random.chance(percent: 50) { clientWeather.requestDelayPermille = 20 }
    if random.chance(percent: 50) { clientWeather.replyLossPermille = 20 }
    if random.chance(percent: 50) { clientWeather.duplicationPermille = 20 }
  }

  /// Takes one kind out of the weather.
  private mutating func calm(_ kind: FaultKind) {
    switch kind {
    case .loss: weather.lossPermille = 0
    case .duplication: weather.duplicationPermille = 0
    case .delay: weather.tailPermille = 0
    case .reordering: weather.reorders = false
    case .corruption: weather.corruptionPermille = 0
    case .oddAppend: weather.oddAppendPermille = 0
    case .mixedBuilds: mixesBuilds = false
    case .scanStall: clientWeather.scanStallPercent = 0
    case .requestLoss: clientWeather.requestLossPermille = 0
    case .requestDelay: clientWeather.requestDelayPermille = 0
    case .replyLoss: clientWeather.replyLossPermille = 0
    case .requestDuplication: clientWeather.duplicationPermille = 0
    case .replay, .partition, .oneWayCut, .partialCut, .kill, .killInTurn, .powerCut,
      .cutAtDiskCall, .cutInRecovery, .blackout, .pause, .slowDisk, .hungDisk, .clockRate,
      .wallJump, .transfer, .restartStorm, .slowNode, .lateTimers, .syncError, .writeError,
      .fullDisk, .rot, .lyingMemory, .wipedDisk, .rolledBackDisk, .lossBeforeElection,
      .rottenQuorum, .rottenSnapshot, .staleInstall, .cutAfterInstall, .memberChange, .reset,
      .flapping, .swizzle, .notReading, .splitElection, .pauseAfterRead, .longCut, .flood,
      .disconnect, .clientRestart, .requestReplay, .idleSession, .churn,
      .staleLeader, .crashUnderLoad, .powerCutAndPause, .swizzleAndRestarts, .longPartition,
      .brokenTopology, .retryStorm, .leftBroken, .crashInSnapshot, .crashInInstall,
      .isolatedChange, .swappedDisks, .restartsWhenFull, .corruptThenLead:
      break
    }
  }
}

/// How badly the links between clients and nodes behave.
struct ClientWeather {
  var requestLossPermille = 0
  var requestDelayPermille = 0
  var replyLossPermille = 0
  var duplicationPermille = 0
  /// How many open scans wait for long.
  var scanStallPercent = 0
}
