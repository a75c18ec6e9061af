import Consensus
import XCTest

@testable import JepsenHarness

final class PartitionShapeTests: XCTestCase {
  /// Whom each node hears, itself among them.
  private func hearing(_ cut: Set<Link>, nodes: Int) -> [Set<Int>] {
    (1...nodes).map { listener in
      Set((1...nodes).filter { $0 == listener || !cut.contains(Link(from: $0, to: listener)) })
    }
  }

  func test_halves_hearOnlyThemselves() {
    let cut = PartitionShape.halves([4, 2, 1, 3, 5])

    XCTAssertEqual(
      hearing(cut, nodes: 5),
      [[1, 3, 5], [2, 4], [1, 3, 5], [2, 4], [1, 3, 5]]
    )
  }

  func test_oneWay_isHeardOnOneSide() {
    let cut = PartitionShape.oneWay([1, 2, 3])

    XCTAssertEqual(hearing(cut, nodes: 3), [[1, 2, 3], [2, 3], [2, 3]])
  }

  func test_bridge_hearsBothSides() {
    let cut = PartitionShape.bridge([3, 1, 2, 4, 5])

    XCTAssertEqual(
      hearing(cut, nodes: 5),
      [[1, 2, 3], [1, 2, 3], [1, 2, 3, 4, 5], [3, 4, 5], [3, 4, 5]]
    )
  }

  func test_nodeAlone_hearsNobody() {
    XCTAssertEqual(
      hearing(PartitionShape.alone(2, [1, 2, 3]), nodes: 3),
      [[1, 3], [2], [1, 3]]
    )
  }

  func test_majorityRing_letsEachHearAnotherMajority() {
    for nodes in [3, 5, 7] {
      let heard = hearing(PartitionShape.majorityRing(Array(1...nodes)), nodes: nodes)

      XCTAssertTrue(heard.allSatisfy { $0.count == nodes / 2 + 1 }, "\(heard)")
      XCTAssertEqual(Set(heard).count, nodes)
    }
  }

  func test_randomGraph_cutsSomething_andTheSameForTheSameSeed() {
    for seed in UInt64(0)..<50 {
      var (one, two) = (RandomSource(seed: seed), RandomSource(seed: seed))

      let cut = PartitionShape.random([2, 1, 3], &one)

      XCTAssertFalse(cut.isEmpty)
      XCTAssertTrue(cut.isSubset(of: Link.all(nodes: 3)))
      XCTAssertEqual(cut, PartitionShape.random([3, 2, 1], &two))
    }
  }
}
