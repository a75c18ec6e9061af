import Consensus
import XCTest

@testable import Simulation

/// A slice of the crashes that `tools/crashes` goes through (gate G3).
final class CrashEnumerationTests: XCTestCase {
  func test_G3_everyNode_whenItsProcessEndsAtACallOfItsDisk_comesBackWithEverything() throws {
    for node in 1...4 {
      let enumeration = try CrashEnumeration(node: node)
      let facts = enumeration.facts
      XCTAssertNil(facts.missing, "node \(node)")
      // Another part of each step's cases for each node.
      let stride = facts.cases / 4 + node

      for number in Swift.stride(from: node, through: facts.cases, by: stride) {
        let report = enumeration.run(number)

        XCTAssertEqual(report.verdict, .ok, report.jsonText)
        XCTAssertEqual(report.crashes.count, 1, report.jsonText)
      }
    }
  }

  func test_G3_nodes_whenTheyEndOnceMoreWhileTheyRecover_comeBackWithEverything() throws {
    var seconds = 0
    let enumeration = try CrashEnumeration(node: 2)
    for seed in 1...6 {
      let report = enumeration.runPair(seed: seed)

      XCTAssertEqual(report.verdict, .ok, report.jsonText)
      seconds += report.crashes.count - 1
    }
    XCTAssertGreaterThan(seconds, 3, "most second crashes take place")
  }

  func test_case_whenRunAgain_isTheSame() throws {
    let enumeration = try CrashEnumeration(node: 1)

    XCTAssertEqual(enumeration.run(99).jsonText, enumeration.run(99).jsonText)
  }
}
