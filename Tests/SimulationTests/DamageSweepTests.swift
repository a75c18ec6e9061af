import Consensus
import XCTest

@testable import Simulation

/// A slice of the damage that `tools/damage` goes through (gates G4 and G5).
final class DamageSweepTests: XCTestCase {
  func test_G4_node_whenABlockOfItsDiskIsDamaged_comesBackByItself() throws {
    let sweep = try DamageSweep(node: 1)
    XCTAssertGreaterThan(sweep.count, 3_000)
    var repairs = 0
    // Of the journal: a bit, zeros and an unreadable sector, in a block with records.
    for number in [1_801, 2_001, 1_805] {
      let report = sweep.run(number)

      XCTAssertEqual(report.verdict, .ok, report.jsonText)
      XCTAssertTrue(report.isAvailable, report.jsonText)
      repairs += report.repairs
    }
    XCTAssertGreaterThan(repairs, 0, "a block of records is lost")
  }

  func test_G5_nodes_whenBlocksOfAllAreDamaged_makeEachOtherGood() {
    for seed in 1...3 {
      let report = DamageSweep.runOnAll(seed: seed)

      XCTAssertEqual(report.verdict, .ok, report.jsonText)
    }
  }
}
