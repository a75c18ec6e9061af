import Consensus
import XCTest

@testable import Simulation

/// Combinations of faults, each alone in fair weather: it takes effect, and nothing breaks.
final class RecipeTests: XCTestCase {
  func test_recipe2_members_whenChangedAtALeaderThatIsCutOff_areThoseOfOneConfiguration() throws {
    let changes = try run(.isolatedChange, seeds: 2, withJoiners: true) { cluster in
      cluster.checker.configurations.count - 1
    }

    XCTAssertGreaterThan(changes, 2, "changes that were carried out")
  }

  func test_recipe8_node_whenItsFileIsDamagedAndItIsMadeTheLeader_losesNothing() throws {
    let leaders = try run(.corruptThenLead, seeds: 3, withJoiners: false, least: 1) { cluster in
      cluster.coverage.all.first { $0.mark == .rottenNodeLeads }?.count ?? 0
    }

    XCTAssertGreaterThan(leaders, 0, "damaged nodes that led")
  }

  func test_recipe9_disks_whenSwapped_areRefused() throws {
    _ = try run(.swappedDisks, seeds: 2, withJoiners: false)
  }

  func test_recipe11_nodes_whenRestartedInTurnWithFullDisks_keepEverything() throws {
    _ = try run(.restartsWhenFull, seeds: 2, withJoiners: false)
  }

  /// Runs some seeds in which the recipe is the only fault, twice.
  ///
  /// - Returns: What all runs came to, counted like this.
  private func run(
    _ kind: FaultKind,
    seeds count: Int,
    withJoiners: Bool,
    least: Int = 2,
    counting: (SimulatedCluster) -> Int = { _ in 0 }
  ) throws -> Int {
    var sum = 0
    var runs = 0
    for seed in 1...60 as ClosedRange<UInt64> where runs < count {
      var options = RunOptions(nodes: 3)
      options.withoutStrikes = Set(1...9_999)
      options.withoutWeather = Set(FaultKind.allCases).subtracting([.memberChange])
      options.stormMicroseconds = 16_000_000
      let cluster = SimulatedCluster(seed: seed, options)
      guard cluster.hasJoiners == withJoiners else { continue }
      runs += 1
      for number in 1...2 {
        let strike = FaultStrike(
          number: number,
          kind: kind,
          time: UInt64(number) * 5_000_000,
          random: RandomSource(seed: seed + UInt64(number))
        )
        cluster.queue.schedule(.strike(strike), at: strike.time)
      }

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      let times = cluster.faults.all.first { $0.kind == kind }?.count ?? 0
      XCTAssertTrue(least...2 ~= times, "seed \(seed): \(times)")
      sum += counting(cluster)
    }
    XCTAssertEqual(runs, count)
    return sum
  }
}
