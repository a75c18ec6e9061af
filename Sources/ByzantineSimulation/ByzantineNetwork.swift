import Consensus

/// Which messages arrive, when, and how often.
struct ByzantineNetwork {
  /// Who does not hear the others of another side, by replica; all are on side 0 in good weather.
  var sides: [Int]
  /// Who is not heard.
  var unheard: [Bool]
  var isFair = false
  private let plan: ByzantinePlan
  private var random: RandomSource

  init(_ plan: ByzantinePlan, random: RandomSource) {
    self.plan = plan
    self.random = random
    sides = Array(repeating: 0, count: plan.replicas)
    unheard = Array(repeating: false, count: plan.replicas)
  }

  mutating func heal() {
    isFair = true
    for number in sides.indices { (sides[number], unheard[number]) = (0, false) }
  }

  /// After how many microseconds each copy of a message between replicas arrives.
  mutating func arrivals(from: Int, to: Int) -> (delays: [UInt64], fault: ByzantineFault?) {
    guard !isFair else { return ([usual()], nil) }
    if sides[from] != sides[to] { return ([], .cut) }
    if unheard[from] { return ([], .deaf) }
    return throughWeather()
  }

  /// The same between a client and a replica, who always hear each other.
  mutating func arrivals() -> (delays: [UInt64], fault: ByzantineFault?) {
    isFair ? ([usual()], nil) : throughWeather()
  }

  private mutating func throughWeather() -> (delays: [UInt64], fault: ByzantineFault?) {
    if plan.faults.contains(.loss), random.chance(percent: plan.lossPercent) { return ([], .loss) }
    if plan.faults.contains(.delay), random.oneIn(8) {
      return ([random.number(in: 1_000..<400_000)], .delay)
    }
    if plan.faults.contains(.duplicate), random.oneIn(20) {
      return ([usual(), random.number(in: 1_000..<800_000)], .duplicate)
    }
    return ([usual()], nil)
  }

  private mutating func usual() -> UInt64 {
    random.number(in: 100..<2_000)
  }
}
