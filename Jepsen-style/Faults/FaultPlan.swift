import Consensus

/// A schedule of faults: the same seed gives the same one.
///
/// Faults of different lanes overlap freely; in a lane they follow each other.
package struct FaultPlan: Sendable {
  /// How long a fault of a mix lasts, in milliseconds, if there is time.
  private static let lastsRange: Range<UInt64> = 700..<5_000
  /// How long one of a clock lasts at least: the library looks once a second what to say.
  private static let clockLastsMin = 2_000
  /// How long its lane is quiet before it, in milliseconds, if there is time.
  private static let quietRange: Range<UInt64> = 800..<3_500

  /// What is done, in the order of beginning.
  package private(set) var orders: [FaultOrder] = []

  private let nodes: Int
  private let milliseconds: Int
  private var random: RandomSource
  /// The one node that may lose what it has stored.
  private let victim: Int

  /// A mix of some kinds, each at least once.
  package init(seed: UInt64, kinds: [FaultKind], nodes: Int, seconds: Int) {
    self.init(seed: seed, nodes: nodes, seconds: seconds)
    mix(kinds)
    finish()
  }

  /// A combination, by its recipe.
  package init(seed: UInt64, recipe: FaultRecipe, nodes: Int, seconds: Int) {
    self.init(seed: seed, nodes: nodes, seconds: seconds)
    switch recipe.shape {
    case .mixed(let kinds): mix(kinds)
    case .rounds(let steps, let length): addRounds(of: steps, length: length)
    }
    finish()
  }

  private init(seed: UInt64, nodes: Int, seconds: Int) {
    invariant(nodes > 0 && seconds > 0, "there are nodes and time for faults")
    self.nodes = nodes
    milliseconds = seconds * 1_000
    random = RandomSource(seed: seed)
    victim = 1 + random.number(below: nodes)
  }

  private mutating func mix(_ kinds: [FaultKind]) {
    for lane in FaultKind.Lane.allCases {
      let own = kinds.filter { $0.lane == lane }
      if !own.isEmpty { fill(lane: own) }
    }
  }

  /// Draws kinds from a bag that is filled again when it is empty, so that none is left out.
  private mutating func fill(lane kinds: [FaultKind]) {
    let share = milliseconds / kinds.count
    var bag: [FaultKind] = []
    var time = 0
    var drawnCount = 0
    while true {
      if bag.isEmpty { bag = shuffled(kinds) }
      var quiet = Int(random.number(in: Self.quietRange))
      var lasts = Int(random.number(in: Self.lastsRange))
      if kinds[0].lane == .clock { lasts = max(lasts, Self.clockLastsMin) }
      if drawnCount < kinds.count {
        // Where time is short the first round of all kinds must still fit.
        quiet = min(quiet, share * 2 / 5)
        lasts = min(lasts, share / 2)
      }
      guard time + quiet + lasts <= milliseconds else { return }
      add(bag.removeLast(), at: time + quiet, lasts: lasts)
      time += quiet + lasts
      drawnCount += 1
    }
  }

  private mutating func addRounds(of steps: [FaultRecipe.Step], length: Int) {
    // A round that is longer than the whole time is run through faster.
    let scaled = min(length, milliseconds)
    var begin = 0
    while begin + scaled <= milliseconds {
      var row = shuffled(Array(1...nodes))
      if steps.contains(where: \.kind.destroys), let place = row.firstIndex(of: victim) {
        row.swapAt(0, place)
      }
      for step in steps {
        add(
          step.kind,
          at: begin + step.at * scaled / length,
          lasts: step.lasts * scaled / length,
          node: row[step.place % nodes]
        )
      }
      begin += scaled
    }
  }

  private mutating func add(_ kind: FaultKind, at: Int, lasts: Int, node: Int? = nil) {
    let targets = self.targets(of: kind, node: node)
    var order = FaultOrder(at: at, lasts: lasts, kind, targets: targets, amount: amount(of: kind))
    order.seed = random.next()
    orders.append(order)
  }

  private mutating func targets(of kind: FaultKind, node: Int?) -> [Int] {
    if kind.destroys { return [victim] }
    let row = shuffled(Array(1...nodes))
    switch kind {
    case .killLeader, .pauseLeader, .partitionLeader: return []
    case .killMajority: return Array(row.prefix((nodes + 1) / 2))
    case .powerLoss, .rollingRestart, .partitionBridge, .partitionHalves, .partitionMajorityRing,
      .partitionOneWay, .partitionRandom, .partitionFlapping, .partitionSwizzle:
      // In a recipe the bridge, or one of the fewer who are cut off, is whom other steps strike.
      return node.map { first in [first] + row.filter { $0 != first } } ?? row
    case .linkDelay, .linkLoss, .linkDuplicate, .linkCorrupt, .linkTruncate, .linkReplay,
      .linkSlowReader:
      return Array(row.prefix(1 + random.number(below: nodes)))
    case .kill, .pause, .restartStorm, .transferLeader, .clockJump, .clockRate, .diskSlow,
      .diskHung, .diskFull, .fileCorrupt, .fileTruncate, .diskWipe, .diskRollback, .memberRemove,
      .memberReplace:
      return [node ?? row[0]]
    }
  }

  private mutating func amount(of kind: FaultKind) -> Int {
    switch kind {
    case .linkDelay: 2 + random.number(below: 120)
    case .linkLoss, .linkDuplicate, .linkReplay: 5 + random.number(below: 35)
    case .linkCorrupt, .linkTruncate: 1 + random.number(below: 5)
    case .linkSlowReader: 8 + random.number(below: 120)
    case .clockJump: jump()
    case .clockRate:
      random.oneIn(2) ? 50 + random.number(below: 45) : 105 + random.number(below: 45)
    case .diskSlow: 5 + random.number(below: 200)
    case .fileCorrupt: 1 + random.number(below: 3)
    case .fileTruncate: 1 + random.number(below: 8_192)
    case .kill, .killLeader, .killMajority, .powerLoss, .pause, .pauseLeader, .restartStorm,
      .rollingRestart, .transferLeader, .partitionHalves, .partitionMajorityRing,
      .partitionBridge, .partitionLeader, .partitionOneWay, .partitionRandom, .partitionFlapping,
      .partitionSwizzle, .diskHung, .diskFull, .diskWipe, .diskRollback, .memberRemove,
      .memberReplace:
      0
    }
  }

  /// A second, an hour, a day or years, forth or back.
  private mutating func jump() -> Int {
    let sizes = [1, 60, 3_600, 86_400, 10 * 365 * 86_400]
    let size = sizes[random.number(below: sizes.count)]
    return random.oneIn(2) ? size : -size
  }

  private mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
    var items = items
    for last in stride(from: items.count - 1, to: 0, by: -1) {
      items.swapAt(last, random.number(below: last + 1))
    }
    return items
  }

  private mutating func finish() {
    // Stable: of two that begin at once the one that was made first comes first.
    let numbered = orders.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }
    orders = numbered.map(\.element)
  }
}
