import Consensus

/// Which faults a seed has, how often, and how bad the network is.
///
/// Swarm style: every seed leaves about half of the kinds out, so that rare combinations are not
/// drowned by common faults.
struct FaultPlan {
  /// Kinds that strike at moments of their own; the others are matters of the network's weather.
  private static let striking: [(kind: FaultKind, meanSeconds: UInt64)] = [
    (.replay, 2), (.partition, 8), (.oneWayCut, 8), (.partialCut, 10), (.kill, 10),
    (.killInTurn, 12), (.powerCut, 10), (.cutAtDiskCall, 12), (.cutInRecovery, 15),
    (.blackout, 30), (.pause, 8), (.slowDisk, 8), (.hungDisk, 20), (.clockRate, 15),
    (.wallJump, 10), (.transfer, 8),
  ]

  /// How badly the links between nodes behave.
  private(set) var weather = SimulatedNetwork.Weather()
  /// How badly the links to clients behave.
  private(set) var clientWeather = ClientWeather()
  private var meanMicroseconds: [UInt64]
  private var random: RandomSource

  init(random: RandomSource) {
    self.random = random
    meanMicroseconds = [UInt64](repeating: 0, count: Self.striking.count)
    for place in Self.striking.indices where self.random.chance(percent: 55) {
      // From half as often to twice as often.
      let percent = self.random.number(in: 50..<200)
      meanMicroseconds[place] = Self.striking[place].meanSeconds * percent * 10_000
    }
    drawWeather()
  }

  /// When each kind of this seed strikes first.
  mutating func firstStrikes() -> [(kind: FaultKind, at: UInt64)] {
    Self.striking.compactMap { strike in
      nextStrike(of: strike.kind, after: 1_000_000).map { (kind: strike.kind, at: $0) }
    }
  }

  /// When a kind strikes again; nil if this seed does not have it.
  mutating func nextStrike(of kind: FaultKind, after now: UInt64) -> UInt64? {
    guard let place = Self.striking.firstIndex(where: { $0.kind == kind }),
      meanMicroseconds[place] > 0
    else { return nil }
    return now + random.number(in: meanMicroseconds[place] / 5..<meanMicroseconds[place] * 9 / 5)
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
    if random.chance(percent: 50) { clientWeather.requestLossPermille = 20 }
    if random.chance(percent: 50) { clientWeather.requestDelayPermille = 20 }
    if random.chance(percent: 50) { clientWeather.replyLossPermille = 20 }
    if random.chance(percent: 50) { clientWeather.duplicationPermille = 20 }
  }
}

/// How badly the links between clients and nodes behave.
struct ClientWeather {
  var requestLossPermille = 0
  var requestDelayPermille = 0
  var replyLossPermille = 0
  var duplicationPermille = 0
}
