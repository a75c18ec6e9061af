import Consensus
import PBFT
import Wire

/// A cluster on a simulated network in which somebody behaves as a `Behaviour` says.
package struct BehaviourStage: Sendable {
  private struct Packet: Sendable {
    let dueAt: Int
    let from: Int
    let to: Int
    let message: PBFTMessage
  }

  private static let quantumMicroseconds: UInt64 = 10_000
  /// Correct clients ask for something once in so many quanta.
  private static let askQuanta = 12
  /// The client that behaviours use; the others ask what has to be answered.
  private static let badClient = 3

  private let behaviour: Behaviour
  let genesis: ScheduleGenesis
  /// The replicas by number; those of liars run honest cores, too.
  package internal(set) var replicas: [ScheduledReplica]
  /// What honest replicas and clients were told.
  package private(set) var judge: ScheduleJudge
  private var liars: [Liar]
  private var clients: ScheduleClients
  private var packets: [Packet] = []
  var random: RandomSource
  /// Whether the power fails besides: then what a liar does need not be seen.
  var isStruck = false
  /// Hundredths of a second since the beginning.
  package private(set) var quantum = 0
  /// Links, from and to, that carry nothing.
  var cut: Set<[Int]> = []
  /// How far a script in several steps has come.
  var phase = 0
  /// Who comes back at which quantum.
  var restarts: [(quantum: Int, place: Int)] = []

  /// A cluster at its beginning: f replicas, the first primaries, lie unless nobody does.
  package init(_ behaviour: Behaviour, replicas count: Int, seed: UInt64) {
    self.behaviour = behaviour
    genesis = ScheduleGenesis(replicas: count, clients: 4)
    random = RandomSource(seed: seed)
    let faults = (count - 1) / 3
    let lying = behaviour.firstLiar.map { Array($0..<$0 + faults) } ?? []
    judge = ScheduleJudge(genesis, liars: lying, badClient: Self.badClient)
    clients = ScheduleClients(genesis, liars: lying)
    let genesis = genesis
    liars = lying.map { Liar(place: $0, genesis, seed: seed) }
    replicas = (0..<count).map {
      ScheduledReplica(place: $0, isHonest: !lying.contains($0), genesis)
    }
  }

  /// Whether clients have just asked: only whoever has something to do loses patience.
  var isAsked: Bool { quantum % Self.askQuanta == 1 }

  /// Whom a behaviour of the world strikes where one is enough.
  var victim: Int { genesis.count - 1 }

  // MARK: Running

  /// Goes on until everything that correct clients asked for is applied by all honest replicas.
  ///
  /// A minute of its time is more than any view change takes.
  package mutating func run() {
    while quantum < behaviour.lasts + 6_000, judge.problem == nil {
      turn()
      if quantum > behaviour.lasts, isDone { return conclude() }
    }
    judge.fail("I15: no progress: \(standing)")
  }

  private var isDone: Bool {
    clients.isServed && restarts.isEmpty
      && replicas.allSatisfy { !$0.isHonest || clients.isApplied(in: $0.state) }
  }

  private mutating func conclude() {
    let proved = judge.evidence
    guard !isStruck else { return }
    for kind in behaviour.evidence where !proved.contains(where: { $0.hasPrefix(kind + " ") }) {
      judge.fail("I11: no \(kind), only \(proved.sorted())")
    }
    if let leaves = behaviour.leavesView, leaves != (viewMax > 0) {
      judge.fail("the first view was \(leaves ? "kept" : "left"): \(viewMax)")
    }
  }

  /// For how long things had to go on, in milliseconds, until all was answered and applied.
  package var overtimeMilliseconds: Int { 10 * max(0, quantum - behaviour.lasts) }

  /// The newest view of an honest replica.
  package var viewMax: UInt64 {
    replicas.filter(\.isHonest).compactMap { $0.core?.status.term.rawValue }.max() ?? 0
  }

  private mutating func turn() {
    quantum += 1
    let asked = isAsked ? clients.ask(upTo: behaviour.lasts / 22) : []
    let again = quantum % 50 == 0 ? clients.unserved : []
    for envelope in asked + again { submit(envelope) }
    deliver()
    restart()
    for place in replicas.indices {
      replicas[place].pass(microseconds: Self.quantumMicroseconds, wallMilliseconds: 10)
      settle(place)
    }
    for number in liars.indices {
      liars[number].quantum = quantum
      let added = behaviour.adds(&liars[number]) + liars[number].release()
      post(added, from: liars[number].place)
    }
    behaviour.happens(&self)
  }

  private mutating func restart() {
    for due in restarts where due.quantum <= quantum {
      replicas[due.place].start()
      settle(due.place)
    }
    restarts.removeAll { $0.quantum <= quantum }
  }

  // MARK: Clients

  /// A correct client asks all replicas.
  private mutating func submit(_ envelope: SignedEnvelope) {
    for place in replicas.indices { submit(envelope, to: place) }
  }

  /// A client asks these alone, and only once; where the power fails besides, whoever was asked may
  /// have forgotten, and it asks again as correct clients do.
  mutating func ask(_ places: [Int]) {
    for envelope in clients.ask(isPersistent: isStruck) {
      for place in places { submit(envelope, to: place) }
    }
  }

  mutating func submit(_ envelope: SignedEnvelope, to place: Int) {
    guard replicas[place].isHonest || behaviour.hears(.envelope(envelope)) else { return }
    replicas[place].submit(envelope, id: 0)
  }

  // MARK: Messages

  private mutating func deliver() {
    let due = packets.filter { $0.dueAt <= quantum }
    packets.removeAll { $0.dueAt <= quantum }
    for packet in due where replicas[packet.to].isHonest || behaviour.hears(packet.message) {
      // What a liar sends has to pass for a message.
      let isMessage = replicas[packet.from].isHonest || Self.isReadable(packet.message)
      if isMessage { replicas[packet.to].receive(packet.message, from: packet.from, id: 0) }
    }
  }

  private static func isReadable(_ message: PBFTMessage) -> Bool {
    (try? PBFTMessage(decoding: message.encoded())) == message
  }

  private mutating func settle(_ place: Int) {
    let wasUp = replicas[place].core != nil
    let sendings = replicas[place].settle(&judge)
    if wasUp, replicas[place].core == nil, !restarts.contains(where: { $0.place == place }) {
      restarts.append((quantum + 20, place))
    }
    if replicas[place].isHonest {
      for answer in replicas[place].answers { clients.hear(answer, from: place, &judge) }
    }
    guard let number = liars.firstIndex(where: { $0.place == place }) else {
      return post(sendings, from: place)
    }
    post(sendings.flatMap { behaviour.sends($0, &liars[number]) }, from: place)
  }

  /// Anything may be sent in a replica's name; who it is from, the link says.
  mutating func post(_ sendings: [ScheduledReplica.Sending], from place: Int) {
    for sending in sendings where !cut.contains([place, sending.to]) {
      for number in liars.indices { liars[number].overhear(sending.message) }
      if behaviour.loses(sending, place, self) { continue }
      let delay = (random.oneIn(4) ? 2 : 1) + behaviour.delays(sending.message)
      packets.append(
        Packet(dueAt: quantum + delay, from: place, to: sending.to, message: sending.message)
      )
    }
  }

  /// How every replica stands.
  package var standing: String {
    replicas.map { replica in
      guard let core = replica.core else { return "\(replica.place) is down" }
      return "\(replica.place): view \(core.status.term.rawValue) "
        + "\(core.leaderID == nil ? "not begun, " : "")committed "
        + "\(core.committed.sequenceNumber.rawValue) executed \(core.executed.rawValue)"
        + (core.transfer == nil ? "" : " wants a state")
    }.joined(separator: "; ")
  }
}
