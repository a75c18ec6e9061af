import XCTest

@testable import Consensus

final class RandomSourceTests: XCTestCase {
  func test_source_whenSeededAlike_givesTheSameNumbersForEver() {
    var source = RandomSource(seed: 42)

    let numbers = (0..<4).map { _ in source.next() }

    // Golden: a seed that found a bug must still find it in years.
    XCTAssertEqual(
      numbers,
      [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009,
        17_057_574_109_182_124_193,
      ]
    )
  }

  func test_number_whenDrawnOften_staysInItsRangeAndReachesBothEnds() {
    var source = RandomSource(seed: 1)
    var seen: [Int] = []

    for _ in 0..<1_000 { seen.append(source.number(below: 3)) }

    XCTAssertEqual(Set(seen), [0, 1, 2])
    XCTAssertEqual(source.number(in: 7..<8), 7)
  }

  func test_chance_whenCertainOrImpossible_isSo() {
    var source = RandomSource(seed: 1)

    for _ in 0..<100 {
      XCTAssertTrue(source.chance(percent: 100))
      XCTAssertFalse(source.chance(percent: 0))
      XCTAssertTrue(source.oneIn(1))
    }
  }

  func test_fork_whenUsed_leavesTheOriginalAlone() {
    var left = RandomSource(seed: 9)
    var right = RandomSource(seed: 9)
    var fork = left.fork()
    _ = right.next()

    for _ in 0..<10 { _ = fork.next() }

    XCTAssertEqual(left.next(), right.next())
  }
}
