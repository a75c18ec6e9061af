import Consensus

/// The links between nodes, one per direction: each loses, doubles, delays and reorders frames
/// at rates drawn from the seed, and can be cut.
struct SimulatedNetwork {
  /// How badly the links behave.
  struct Weather {
    var lossPermille = 0
    var duplicationPermille = 0
    /// How many frames meet a long delay.
    var tailPermille = 0
    /// How long that is at most, in microseconds.
    var tailMax: UInt64 = 1
    /// Whether frames may overtake each other; otherwise each link is a queue.
    var reorders = false
  }

  /// A frame on its way, kept to be delivered again much later.
  struct OldFrame {
    let from: Int
    let to: Int
    let bytes: [UInt8]
  }

  private static let museumSize = 64
  private static let delayMin: UInt64 = 40
  private static let delayMax: UInt64 = 500

  var weather = Weather()
  private var random: RandomSource
  private let nodeCount: Int
  /// The cuts that lie on each link, by the ids of their faults.
  private var cuts: [[Int]]
  private var lastArrival: [UInt64]
  private var museum: [OldFrame] = []
  /// Frames of kinds that are seldom sent: a vote, a call to campaign.
  private var rarities: [OldFrame] = []

  init(nodeCount: Int, random: RandomSource) {
    self.nodeCount = nodeCount
    self.random = random
    cuts = [[Int]](repeating: [], count: nodeCount * nodeCount)
    lastArrival = [UInt64](repeating: 0, count: nodeCount * nodeCount)
  }

  /// When a frame sent now arrives: never, once, or several times.
  mutating func arrivals(
    from: Int,
    to: Int,
    at now: UInt64,
    _ faults: inout FaultCounts
  ) -> [UInt64] {
    let link = from * nodeCount + to
    if !cuts[link].isEmpty {
      for id in cuts[link] { faults.tookEffect(episode: id) }
      return []
    }
    if hits(weather.lossPermille) {
      faults.count(.loss)
      return []
    }
    var times = [arrival(on: link, at: now, &faults)]
    if hits(weather.duplicationPermille) {
      faults.count(.duplication)
      times.append(arrival(on: link, at: now, &faults))
    }
    return times
  }

  /// Cuts a link for a fault.
  mutating func cut(from: Int, to: Int, by fault: Int) {
    cuts[from * nodeCount + to].append(fault)
  }

  /// Mends every link that this fault has cut.
  mutating func mend(_ fault: Int) {
    for link in cuts.indices { cuts[link].removeAll { $0 == fault } }
  }

  /// Mends everything, and forgets old frames.
  mutating func calm() {
    weather = Weather()
    for link in cuts.indices { cuts[link].removeAll() }
    museum.removeAll()
    rarities.removeAll()
  }

  /// Keeps some of the frames that pass, and the newest of those that are seldom sent.
  mutating func remember(_ frame: OldFrame, isRare: Bool) {
    if isRare {
      if rarities.count == Self.museumSize { rarities.removeFirst() }
      rarities.append(frame)
      return
    }
    guard random.oneIn(16) else { return }
    if museum.count < Self.museumSize {
      museum.append(frame)
    } else {
      museum[random.number(below: Self.museumSize)] = frame
    }
  }

  /// A frame of the past, to be delivered once more.
  mutating func oldFrame() -> OldFrame? {
    let frames = random.oneIn(2) ? rarities : museum
    return frames.isEmpty ? nil : frames[random.number(below: frames.count)]
  }

  private mutating func arrival(
    on link: Int,
    at now: UInt64,
    _ faults: inout FaultCounts
  ) -> UInt64 {
    var time = now + random.number(in: Self.delayMin..<Self.delayMax)
    if hits(weather.tailPermille) {
      faults.count(.delay)
      time += random.number(in: 0..<weather.tailMax)
    }
    if weather.reorders {
      if time < lastArrival[link] { faults.count(.reordering) }
      lastArrival[link] = max(lastArrival[link], time)
      return time
    }
    lastArrival[link] = max(lastArrival[link] + 1, time)
    return lastArrival[link]
  }

  /// Draws in good weather, too: what is left out must not shift what is drawn after it.
  private mutating func hits(_ permille: Int) -> Bool {
    random.number(below: 1_000) < permille
  }
}
