import Consensus
import PBFT

/// A replica that lies: an honest core, the keys of its own, and a script between it and the
/// network.
///
/// It hears all traffic, as an adversary does who owns the network.
struct Liar: Sendable {
  let place: Int
  let genesis: ScheduleGenesis
  var random: RandomSource
  /// Hundredths of a second since the beginning.
  var quantum = 0
  /// Blocks that anybody proposed, the newest last.
  private(set) var blocks: [Block] = []
  private(set) var highs: [PreparedCertificate] = []
  private(set) var stables: [StableCertificate] = []
  private(set) var changes: [ViewChange] = []
  private(set) var newViews: [NewView] = []
  private(set) var votes: [Vote] = []
  private(set) var envelopes: [SignedEnvelope] = []
  /// The newest view that anybody spoke of.
  private(set) var topView: UInt64 = 0
  /// The newest block that it proposed by itself.
  var ownTip = BlockHeader.genesis
  /// What its script keeps back until a quantum.
  var held: [(quantum: Int, sending: ScheduledReplica.Sending)] = []
  /// Its own statements go on from here: no honest core comes so far.
  private var counter: UInt64 = 1 << 40

  init(place: Int, _ genesis: ScheduleGenesis, seed: UInt64) {
    self.place = place
    self.genesis = genesis
    random = RandomSource(seed: seed &+ UInt64(place))
  }

  var replica: ReplicaNumber { ReplicaNumber(UInt8(place)) }
  var authority: Authority { genesis.authority }
  var others: [Int] { (0..<genesis.count).filter { $0 != place } }
  /// The replica that is last in number: no liar, and no early primary.
  var lastPlace: Int { genesis.count - 1 }
  var leads: Bool { authority.primary(of: View(topView)) == replica }

  /// Learns from a message, wherever it goes.
  mutating func overhear(_ message: PBFTMessage) {
    switch message {
    case .prePrepare(let proposal):
      topView = max(topView, proposal.block.header.view.rawValue)
      guard !blocks.contains(proposal.block) else { return }
      blocks = (blocks + [proposal.block]).suffix(40)
    case .vote(let vote): votes = (votes + [vote]).suffix(40)
    case .viewChange(let change):
      changes = (changes + [change]).suffix(40)
      if let high = change.high { highs = (highs + [high]).suffix(20) }
      if let stable = change.stable { stables = (stables + [stable]).suffix(8) }
    case .newView(let newView):
      topView = max(topView, newView.newView.rawValue)
      newViews = (newViews + [newView]).suffix(8)
    case .stable(let stable): stables = (stables + [stable]).suffix(8)
    case .envelope(let envelope):
      if !envelopes.contains(envelope) { envelopes.append(envelope) }
    case .checkpoint, .status, .committed, .fetch, .blocks, .askFence, .fenceReport:
      break
    }
  }

  /// Keeps a message back for so many quanta.
  mutating func hold(_ sending: ScheduledReplica.Sending, for quanta: Int) {
    held.append((quantum + quanta, sending))
  }

  mutating func release() -> [ScheduledReplica.Sending] {
    let due = held.filter { $0.quantum <= quantum }.map(\.sending)
    held.removeAll { $0.quantum <= quantum }
    return due
  }

  mutating func nextCounter() -> UInt64 {
    counter += 1
    return counter
  }

  func toAll(_ message: PBFTMessage) -> [ScheduledReplica.Sending] {
    others.map { ScheduledReplica.Sending(to: $0, message: message) }
  }
}
