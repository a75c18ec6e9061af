import Consensus
import XCTest

@testable import Simulation

/// Recipe 12: five nodes of which some cannot talk to each other for a hundred election timeouts,
/// while clients go on writing.
final class BrokenTopologyTests: XCTestCase {
  func test_leader_whenSomePairsCannotTalk_changesOnceAtMost() throws {
    var changes = 0
    for seed in 1...8 as ClosedRange<UInt64> {
      let cluster = SimulatedCluster(seed: seed, Self.calm)
      let strike = FaultStrike(
        number: 1,
        kind: .brokenTopology,
        time: 5_000_000,
        random: RandomSource(seed: seed)
      )
      cluster.queue.schedule(.strike(strike), at: strike.time)

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      XCTAssertLessThanOrEqual(cluster.checker.leaderChanges, 1, "seed \(seed)")
      XCTAssertGreaterThan(cluster.checker.committed.count, 200, "seed \(seed)")
      changes += cluster.checker.leaderChanges
    }
    XCTAssertGreaterThan(changes, 0, "a leader that keeps its quorum every time tests little")
  }

  /// Five nodes and nothing else that goes wrong.
  private static var calm: RunOptions {
    var options = RunOptions(nodes: 5)
    options.withoutStrikes = Set(1...9_999)
    options.withoutWeather = Set(FaultKind.allCases)
    options.stormMicroseconds = 5_000_000 + FaultStrike.longMicroseconds + 1_000_000
    return options
  }
}
