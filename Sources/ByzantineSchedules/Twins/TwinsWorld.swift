import Consensus
import PBFT

/// Replicas some of which have a twin: another unmodified core with the same key and name.
///
/// Twins do what liars do — they contradict each other — and nobody had to think of it (Bano et
/// al., Twins: BFT Systems Made Robust, 2020). A value: scenarios share what they begin with.
package struct TwinsWorld: Sendable {
  private struct Packet: Sendable {
    let from: Int
    let to: Int
    let message: PBFTMessage
    let id: UInt64
  }

  private let genesis: ScheduleGenesis
  /// The replicas by number, then the twins in order of their liars.
  package private(set) var instances: [ScheduledReplica]
  /// What honest replicas did.
  package private(set) var judge: ScheduleJudge
  private var packets: [Packet] = []
  private var roundsCount: UInt64 = 0

  /// A cluster at its beginning; these replicas have twins.
  package init(replicas: Int, liars: [Int]) {
    let genesis = ScheduleGenesis(replicas: replicas)
    self.genesis = genesis
    let places = Array(0..<replicas) + liars
    instances = places.map { place in
      ScheduledReplica(place: place, isHonest: !liars.contains(place), genesis)
    }
    judge = ScheduleJudge(genesis, liars: liars)
    for instance in instances.indices { settle(instance) }
    packets = []
  }

  // MARK: Rounds

  /// Plays a round: every side has a request of its own, so that a primary and its twin propose
  /// different blocks.
  package mutating func play(_ round: TwinsRound) {
    roundsCount += 1
    let requests = (0..<3).map { side in
      genesis.envelope(client: side, first: roundsCount)
    }
    for instance in instances.indices {
      let side = Int(round.sides[instance])
      instances[instance].pass(microseconds: 60_000, wallMilliseconds: 60)
      instances[instance].submit(requests[side], id: UInt64(side))
      settle(instance)
    }
    var hops = 0
    while hops < round.hops, !packets.isEmpty {
      deliver(round.sides)
      hops += 1
    }
    packets = []
    for instance in instances.indices where round.impatient & 1 << round.sides[instance] != 0 {
      instances[instance].pass(microseconds: 4_000_000, wallMilliseconds: 0)
      settle(instance)
    }
  }

  private mutating func deliver(_ sides: [UInt8]) {
    let arriving = packets
    packets = []
    for packet in arriving {
      for instance in instances.indices
      where instances[instance].place == packet.to && sides[instance] == sides[packet.from] {
        let sender = instances[packet.from].place
        instances[instance].receive(packet.message, from: sender, id: packet.id)
      }
    }
    for instance in instances.indices { settle(instance) }
  }

  private mutating func settle(_ instance: Int) {
    let history = instances[instance].history
    for (number, sending) in instances[instance].settle(&judge).enumerated() {
      packets.append(
        Packet(
          from: instance,
          to: sending.to,
          message: sending.message,
          id: ScheduledReplica.mix(history, UInt64(number))
        )
      )
    }
  }

  // MARK: The end

  /// Connects everybody: one more request must be applied by all honest replicas (I15).
  ///
  /// Whoever waits in vain loses patience after ever more rounds.
  package mutating func heal() {
    let sides = [UInt8](repeating: 0, count: instances.count)
    let last = genesis.envelope(client: 0, first: 1_000_000)
    guard let client = genesis.number(of: 0) else { return }
    var patience = 3
    for round in 1...200 {
      for instance in instances.indices { instances[instance].submit(last, id: 9) }
      let isStuck = round % patience == 0
      if isStuck { patience += 3 }
      play(TwinsRound(sides: sides, hops: 9, impatient: isStuck ? 1 : 0))
      let isDone = instances.allSatisfy { !$0.isHonest || $0.state.hasApplied(last, by: client) }
      if isDone || judge.problem != nil { return }
    }
    judge.fail("I15: no progress after healing")
  }

  // MARK: Names

  /// What this world was told, in one number: worlds that differ in the names of a liar and its
  /// twin alone have the same.
  package var fingerprint: UInt64 {
    var value = roundsCount
    for (liar, twin) in zip(judge.liars, genesis.count...) {
      let histories = [instances[liar].history, instances[twin].history].sorted()
      for history in histories { value = ScheduledReplica.mix(value, history) }
    }
    for instance in instances where instance.isHonest {
      value = ScheduledReplica.mix(value, instance.history)
    }
    return value
  }

  /// How every instance stands.
  package var standing: String {
    instances.map { instance in
      guard let core = instance.core else { return "\(instance.place) is down" }
      let status = core.status
      return "\(instance.place): view \(status.term.rawValue) committed "
        + "\(core.committed.sequenceNumber.rawValue) executed \(core.executed.rawValue)"
    }.joined(separator: "; ")
  }
}
