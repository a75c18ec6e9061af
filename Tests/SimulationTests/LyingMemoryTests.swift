import Consensus
import XCTest

@testable import Simulation

/// Whole runs under all faults in which one node's memory is wrong: everything else must hold.
final class LyingMemoryTests: XCTestCase {
  func test_run_whenOneMemoryLies_keepsEveryPromiseAndFencesItAlone() throws {
    var found = 0
    for seed in 1...4 as ClosedRange<UInt64> {
      var options = RunOptions(nodes: 3)
      // Where members leave, one who lies may come to be the majority.
      options.withoutWeather = [.memberChange]
      let cluster = SimulatedCluster(seed: seed, options)
      cluster.nodes[Int(seed) % 3].lie = PlantedLie(from: LogIndex(60), error: seed)

      XCTAssertNoThrow(try cluster.run(), "seed \(seed)")

      found += cluster.faults.all.first { $0.kind == .lyingMemory }?.count ?? 0
    }
    XCTAssertGreaterThan(found, 0, "a lie that is never found tests nothing")
  }
}
