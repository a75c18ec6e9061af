import XCTest

@testable import ByzantineSchedules
@testable import PBFT

/// I12: what honest replicas keep does not grow with what a liar sends.
final class MemoryTests: XCTestCase {
  func test_backups_whenALiarFloodsThem_keepABoundedAmount() {
    for behaviour in Behaviour.floods {
      var short = BehaviourStage(behaviour.lasting(120), replicas: 4, seed: 1)
      var long = BehaviourStage(behaviour.lasting(360), replicas: 4, seed: 1)
      short.run()
      long.run()

      XCTAssertLessThan(size(of: long), 3 * size(of: short) / 2, behaviour.name)
    }
  }

  /// How many values the largest honest core holds, in all its lists and tables, but for the
  /// detector's: that has generations of a fixed size.
  private func size(of stage: BehaviourStage) -> Int {
    stage.replicas.filter(\.isHonest).map { replica in
      guard let core = replica.core else { return 0 }
      return Mirror(reflecting: core).children.reduce(0) { sum, child in
        child.label == "detector" ? sum : sum + count(child.value)
      }
    }.max() ?? 0
  }

  private func count(_ value: Any) -> Int {
    if value is [UInt8] { return 1 }
    let children = Mirror(reflecting: value).children
    return children.isEmpty ? 1 : children.reduce(0) { $0 + count($1.value) }
  }
}
