import Consensus

/// The links between nodes, one per direction: each loses, doubles, delays, reorders and damages
/// frames at rates drawn from the seed, and can be cut or reset.
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
    var corruptionPermille = 0
    /// How many appendEntries are preceded or replaced by what another make would send.
    var oddAppendPermille = 0
  }

  /// A frame that arrives.
  struct Delivery {
    let time: UInt64
    let frame: PeerFrame
  }

  private static let museumSize = 64
  private static let readAnswersMax = 32
  private static let delayMin: UInt64 = 40
  private static let delayMax: UInt64 = 500

  var weather = Weather()
  /// How long every frame may take at most, where that is long.
  var slowest: UInt64?
  private var random: RandomSource
  private let nodeCount: Int
  /// The cuts that lie on each link, by the ids of their faults.
  private var cuts: [[Int]]
  private var lastArrival: [UInt64]
  /// Counts the connections of each link.
  private var connections: [Int]
  /// Links whose next frame is cut off in its middle.
  private var breaksNext: [Bool]
  private var museum: [PeerFrame] = []
  /// Frames of kinds that are seldom sent: a vote, a call to campaign.
  private var rarities: [PeerFrame] = []
  /// The answers to reads that each node has got, of this life and of earlier ones.
  private var readAnswers: [[PeerFrame]]
  /// What each node was told when it started, in this life and in earlier ones.
  private(set) var startAnswers: [[PeerFrame]]
  /// What each node was told about what it had lost.
  private(set) var lossAnswers: [[PeerFrame]]
  /// How many more times a node that asks for reads first hears an old answer.
  var echoesLeft = 0

  init(nodeCount: Int, random: RandomSource) {
    self.nodeCount = nodeCount
    self.random = random
    readAnswers = [[PeerFrame]](repeating: [], count: nodeCount)
    startAnswers = readAnswers
    lossAnswers = readAnswers
    cuts = [[Int]](repeating: [], count: nodeCount * nodeCount)
    lastArrival = [UInt64](repeating: 0, count: nodeCount * nodeCount)
    connections = [Int](repeating: 0, count: nodeCount * nodeCount)
    breaksNext = [Bool](repeating: false, count: nodeCount * nodeCount)
  }

  /// How a frame sent now arrives: never, once, or several times.
  mutating func carry(
    _ sent: PeerFrame,
    at now: UInt64,
    _ faults: inout FaultCounts
  ) -> [Delivery] {
    let link = sent.from * nodeCount + sent.to
    if !cuts[link].isEmpty {
      for id in cuts[link] { faults.tookEffect(episode: id) }
      return []
    }
    if hits(weather.lossPermille) {
      faults.count(.loss)
      return []
    }
    var frame = sent
    frame.connection = connections[link]
    var deliveries = [Delivery(time: arrival(on: link, at: now, &faults), frame: damaged(frame))]
    if hits(weather.duplicationPermille) {
      faults.count(.duplication)
      deliveries.append(Delivery(time: arrival(on: link, at: now, &faults), frame: frame))
    }
    return deliveries
  }

  /// Whether something odd is sent instead of an appendEntries.
  mutating func drawsOddAppend() -> Bool { hits(weather.oddAppendPermille) }

  /// Whether a frame's connection still stands.
  func isConnected(_ frame: PeerFrame) -> Bool {
    guard let connection = frame.connection else { return true }
    return connection == connections[frame.from * nodeCount + frame.to]
  }

  /// Whether nothing gets from one to the other.
  func isCut(_ from: Int, _ other: Int) -> Bool { !cuts[from * nodeCount + other].isEmpty }

  /// Breaks the connection between two nodes; the next frame travels on a new one.
  mutating func reset(_ one: Int, _ other: Int) {
    connections[one * nodeCount + other] += 1
    connections[other * nodeCount + one] += 1
  }

  /// Lets the next frame of a link end in its middle, and the connection with it.
  mutating func breakNext(from: Int, to: Int) {
    breaksNext[from * nodeCount + to] = true
  }

  /// Cuts a link for a fault.
  mutating func cut(_ link: LinkCut, by fault: Int) {
    cuts[link.from * nodeCount + link.to].append(fault)
  }

  /// Mends every link that this fault has cut.
  mutating func mend(_ fault: Int) {
    for link in cuts.indices { cuts[link].removeAll { $0 == fault } }
  }

  /// Mends everything, and forgets old frames.
  mutating func calm() {
    weather = Weather()
    slowest = nil
    for link in cuts.indices {
      cuts[link].removeAll()
      breaksNext[link] = false
    }
    museum.removeAll()
    rarities.removeAll()
    echoesLeft = 0
  }

  /// Keeps some of the frames that pass, and the newest of those that are seldom sent.
  mutating func remember(_ frame: PeerFrame, isRare: Bool) {
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

  /// Keeps an answer to reads.
  mutating func remember(readAnswer frame: PeerFrame) {
    if readAnswers[frame.to].count == Self.readAnswersMax { readAnswers[frame.to].removeFirst() }
    readAnswers[frame.to].append(frame)
  }

  /// Keeps what a node was told when it started.
  mutating func remember(startAnswer frame: PeerFrame) {
    if startAnswers[frame.to].count == Self.readAnswersMax { startAnswers[frame.to].removeFirst() }
    startAnswers[frame.to].append(frame)
  }

  /// Keeps what a node was told about what it had lost.
  mutating func remember(lossAnswer frame: PeerFrame) {
    if lossAnswers[frame.to].count == Self.readAnswersMax { lossAnswers[frame.to].removeFirst() }
    lossAnswers[frame.to].append(frame)
  }

  /// An old answer to reads, for a node that asks again.
  mutating func echo(to node: Int) -> PeerFrame? {
    guard echoesLeft > 0, !readAnswers[node].isEmpty else { return nil }
    echoesLeft -= 1
    return readAnswers[node][random.number(below: readAnswers[node].count)]
  }

  /// A frame of the past, to be delivered once more.
  mutating func oldFrame() -> PeerFrame? {
    let frames = random.oneIn(2) ? rarities : museum
    return frames.isEmpty ? nil : frames[random.number(below: frames.count)]
  }

  /// The newest frames of the seldom kinds to a node, to be delivered once more.
  func rareFrames(to node: Int) -> [PeerFrame] {
    rarities.suffix(12).filter { $0.to == node }
  }

  private mutating func arrival(
    on link: Int,
    at now: UInt64,
    _ faults: inout FaultCounts
  ) -> UInt64 {
    var time = now + random.number(in: Self.delayMin..<Self.delayMax)
    if let slowest { time += random.number(in: 0..<slowest) }
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

  private mutating func damaged(_ frame: PeerFrame) -> PeerFrame {
    let link = frame.from * nodeCount + frame.to
    var bytes = frame.bytes
    var damage = PeerFrame.Damage.none
    if breaksNext[link] {
      breaksNext[link] = false
      bytes.removeLast(bytes.count - random.number(below: bytes.count))
      damage = .cutOff
    } else if hits(weather.corruptionPermille) {
      for _ in 0..<1 + random.number(below: 3) {
        bytes[random.number(below: bytes.count)] ^= 1 << UInt8(random.number(below: 8))
      }
      damage = bytes == frame.bytes ? .none : .changed
    }
    guard damage != .none else { return frame }
    var damaged = frame
    damaged.bytes = bytes
    damaged.damage = damage
    return damaged
  }

  /// Draws in good weather, too: what is left out must not shift what is drawn after it.
  private mutating func hits(_ permille: Int) -> Bool {
    random.number(below: 1_000) < permille
  }
}
