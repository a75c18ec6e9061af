import Consensus
import XCTest

@testable import Simulation

/// What has rotted is given up, whoever finds it: the scrubber of a process that runs, or the next
/// start (D21).
final class ScrubbingTests: XCTestCase {
  func test_rot_whenFound_isIsolatedAndForgotten() throws {
    var reached: [CoverageMark: Int] = [:]
    for seed in 1...2 as ClosedRange<UInt64> {
      var options = RunOptions(nodes: 3)
      options.withoutStrikes = Set(1...9_999)
      options.withoutWeather = Set(FaultKind.allCases)
      options.stormMicroseconds = 12_000_000
      let cluster = SimulatedCluster(seed: seed, options)
      for number in 1...6 {
        let strike = FaultStrike(
          number: number,
          kind: .rot,
          time: 3_000_000 + UInt64(number) * 1_000_000,
          random: RandomSource(seed: seed * 10 + UInt64(number))
        )
        cluster.queue.schedule(.strike(strike), at: strike.time)
      }

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      for (mark, count) in cluster.coverage.all { reached[mark, default: 0] += count }
    }
    for mark in [CoverageMark.rotFoundByScrubber, .damageIsolated, .damageForgotten] {
      XCTAssertGreaterThan(reached[mark] ?? 0, 0, mark.name)
    }
  }
}
