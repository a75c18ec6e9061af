import Consensus
import PBFT

/// A few faults of processes and of the network, in small windows of time: all from a seed.
package struct MutationPlan: Sendable {
  /// A window in which a liar's messages to some are mutated.
  private struct ProcessFault: Sendable {
    let quanta: Range<Int>
    let mutation: Mutation
    let recipients: UInt64
  }

  /// A window in which some do not hear others.
  private struct NetworkFault: Sendable {
    let quanta: Range<Int>
    let places: [Int]
  }

  private let processFaults: [ProcessFault]
  private let networkFaults: [NetworkFault]
  private let firstLiar: Int
  private let seed: UInt64
  private let replicas: Int

  /// The plan of a seed: at most six faults of processes and three of the network.
  package init(seed: UInt64, replicas: Int) {
    var random = RandomSource(seed: seed)
    let faults = (replicas - 1) / 3
    self.seed = seed
    self.replicas = replicas
    firstLiar = random.oneIn(2) ? 0 : random.number(below: replicas - faults + 1)
    processFaults = (0...random.number(below: 6)).map { _ in
      ProcessFault(
        quanta: Self.window(&random, max: 60),
        mutation: Mutation.allCases[random.number(below: Mutation.allCases.count)],
        recipients: random.oneIn(2) ? .max : random.next()
      )
    }
    networkFaults = (0..<random.number(below: 4)).map { _ in
      let count = random.number(below: faults + 1) + 1
      return NetworkFault(
        quanta: Self.window(&random, max: 80),
        places: (0..<count).map { _ in random.number(below: replicas) }
      )
    }
  }

  private static func window(_ random: inout RandomSource, max length: UInt64) -> Range<Int> {
    let start = Int(random.number(in: 2..<250))
    return start..<start + Int(random.number(in: 1..<length))
  }

  /// A cluster that has been through it.
  package func run() -> BehaviourStage {
    let (processFaults, networkFaults) = (processFaults, networkFaults)
    let behaviour = Behaviour("mutations of seed \(seed)").by(firstLiar).lasting(330)
      .sending { sending, liar in
        let fault = processFaults.first {
          $0.quanta.contains(liar.quantum) && $0.recipients >> UInt64(sending.to) & 1 == 1
        }
        guard let fault else { return [sending] }
        return fault.mutation.mutated(sending.message, &liar).map {
          [ScheduledReplica.Sending(to: sending.to, message: $0)]
        } ?? []
      }.happening { stage in
        for fault in networkFaults { stage.isolate(fault.places, during: fault.quanta) }
        if stage.quantum == 330 { stage.cut = [] }
      }
    var stage = BehaviourStage(behaviour, replicas: replicas, seed: seed)
    stage.run()
    return stage
  }
}
