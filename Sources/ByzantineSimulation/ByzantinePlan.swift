import Consensus
import Storage

/// What a run does; whatever is not said here comes from the seed as well.
package struct ByzantinePlan: Sendable {
  /// Where everything comes from.
  package let seed: UInt64
  /// How many replicas there are.
  package let replicas: Int
  /// Those that lie, by number.
  package internal(set) var liars: [Int]
  /// What the liars do.
  package internal(set) var lies: [Lie] = []
  /// What else goes wrong.
  package internal(set) var faults: [ByzantineFault] = []
  /// Whose disk may forget promises: it counts as one of the faulty.
  var forgetful: Int?
  /// Whether one of the clients breaks every rule it can.
  var hasBadClient = false
  var honestClients = 3
  var lossPercent = 0
  /// About how long lies between two strikes.
  var strikeMicroseconds: UInt64 = 250_000
  /// How long there is trouble.
  package var stormMicroseconds: UInt64 = 4_000_000
  /// How long healing may take.
  var healingMicroseconds: UInt64 = 240_000_000
  var sessionTimeoutMicroseconds: UInt64 = 1_800_000_000
  var limits = ByzantineLimits()

  /// What a seed comes to.
  ///
  /// The number of replicas, and the one lie to be told by as many as may, are drawn if nil.
  package init(seed: UInt64, nodes: Int? = nil, lie: Lie? = nil) {
    var random = RandomSource(seed: seed ^ 0xB42A_9713_E55A_11CE)
    let drawn = random.oneIn(20) ? 1 : random.oneIn(4) ? 7 : 4
    let replicas = nodes ?? drawn
    let faultsMax = (replicas - 1) / 3
    self.seed = seed
    self.replicas = replicas
    let isLying = random.chance(percent: 60)
    let count = lie != nil ? faultsMax : isLying ? faultsMax - (random.oneIn(5) ? 1 : 0) : 0
    let first = random.number(below: replicas)
    let step = 1 + random.number(below: max(1, replicas - 1))
    liars = (0..<max(0, count)).map { (first + $0 * step) % replicas }.sorted()
    if liars.count < faultsMax, random.oneIn(2) {
      let honest = (0..<replicas).filter { !liars.contains($0) }
      forgetful = honest[random.number(below: honest.count)]
    }
    drawLies(lie, &random)
    drawFaults(&random)
    drawSizes(&random)
  }

  private mutating func drawLies(_ lie: Lie?, _ random: inout RandomSource) {
    hasBadClient = random.chance(percent: 30)
    guard !liars.isEmpty else { return }
    if let lie {
      lies = [lie]
      return
    }
    let share = [15, 30, 60][random.number(below: 3)]
    lies = Lie.allCases.filter { _ in random.chance(percent: share) }
    if lies.isEmpty { lies = [Lie.allCases[random.number(below: Lie.allCases.count)]] }
  }

  private mutating func drawFaults(_ random: inout RandomSource) {
    let share = [0, 20, 40, 70][random.number(below: 4)]
    faults = ByzantineFault.allCases.filter { $0 != .freeze && random.chance(percent: share) }
    if forgetful == nil { faults.removeAll { $0 == .putBack || $0 == .emptied } }
    lossPercent = [1, 5, 15][random.number(below: 3)]
    strikeMicroseconds = [80_000, 250_000, 600_000][random.number(below: 3)]
  }

  private mutating func drawSizes(_ random: inout RandomSource) {
    limits.journal = JournalOptions(
      segmentSizeBytes: [64 << 10, 128 << 10, 512 << 10][random.number(below: 3)]
    )
    limits.pieceSizeAim = [200, 1_000, 16_000][random.number(below: 3)]
    limits.snapshotLogSizeMin = [8_000, 30_000, 64 << 20][random.number(below: 3)]
    sessionTimeoutMicroseconds = random.oneIn(6) ? 1_500_000 : 1_800_000_000
    honestClients = 2 + random.number(below: 3)
    limits.sessionsMax = random.oneIn(2) ? 64 : 10_000
    limits.answerSizeMax = random.oneIn(2) ? 1_000 : 2 << 20
    // Last, so that all else that is drawn here stays what it was.
    if !faults.isEmpty, random.oneIn(3) { faults.append(.freeze) }
  }
}
