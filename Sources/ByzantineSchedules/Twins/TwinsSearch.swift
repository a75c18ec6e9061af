import Consensus
import PBFT

/// Every Twins scenario of so many rounds, those that begin alike together.
///
/// A scenario's number, written to the base of the rounds that there are, names its rounds.
package struct TwinsSearch: Sendable {
  /// What came of scenarios so far.
  package struct Tally: Sendable {
    /// Scenarios, those included that lead through a world which was seen before.
    package var scenarios = 0
    /// Different worlds at the ends of rounds.
    package var worlds = 0
    /// Those in which a liar was proved to lie.
    package var convictions = 0
    /// Kinds of proof that were found.
    package var evidence: Set<String> = []
    /// The newest place that any honest replica committed.
    package var committedMax: UInt64 = 0
    /// Views that honest replicas reached.
    package var viewMax: UInt64 = 0
  }

  /// How many rounds a scenario has.
  package let depth: Int
  /// The rounds that there are.
  package let rounds: [TwinsRound]
  /// What came of it so far.
  package private(set) var tally = Tally()
  /// The rounds that led to a broken promise, and what was broken.
  package private(set) var failure: (rounds: [TwinsRound], problem: String)?
  private let beginning: TwinsWorld
  private var seen: Set<UInt64> = []
  private var path: [TwinsRound] = []

  /// All scenarios of so many rounds of four replicas; these have twins.
  package init(depth: Int, liars: [Int], replicas: Int = 4) {
    self.depth = depth
    beginning = TwinsWorld(replicas: replicas, liars: liars)
    rounds = TwinsRound.all(instances: replicas + liars.count)
  }

  /// Plays all scenarios that begin with one of the rounds.
  package mutating func play(first round: Int) {
    step(beginning, rounds[round])
  }

  private mutating func step(_ before: TwinsWorld, _ round: TwinsRound) {
    guard failure == nil else { return }
    path.append(round)
    defer { path.removeLast() }
    var world = before
    world.play(round)
    let left = depth - path.count
    guard seen.insert(world.fingerprint).inserted else {
      tally.scenarios += Self.power(rounds.count, left)
      return
    }
    note(world)
    if left == 0 { tally.scenarios += 1 } else { for next in rounds { step(world, next) } }
  }

  private mutating func note(_ world: TwinsWorld) {
    tally.worlds += 1
    if let problem = world.judge.problem { failure = (path, problem) }
    if !world.judge.evidence.isEmpty {
      tally.convictions += 1
      tally.evidence.formUnion(world.judge.evidence)
    }
    for case let core? in world.instances.filter(\.isHonest).map(\.core) {
      tally.committedMax = max(tally.committedMax, core.committed.sequenceNumber.rawValue)
      tally.viewMax = max(tally.viewMax, core.status.term.rawValue)
    }
  }

  private static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
