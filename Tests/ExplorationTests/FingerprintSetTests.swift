import XCTest

@testable import Exploration

final class FingerprintSetTests: XCTestCase {
  func test_set_whenItGrows_stillKnowsEverything() {
    var set = FingerprintSet()
    let words = (0..<100_000).map { Fingerprint.mixed(UInt64($0)) }

    let firstTime = words.count { set.insert($0) }
    let secondTime = words.count { set.insert($0) }

    XCTAssertEqual(firstTime, 100_000)
    XCTAssertEqual(secondTime, 0)
    XCTAssertEqual(set.count, 100_000)
  }

  func test_table_whenItGrows_findsEachNumber() {
    var table = NumberTable()
    for key in 1...50_000 { table.add(UInt32(key * 2), for: UInt64(key)) }

    XCTAssertNil(table[50_001])
    XCTAssertTrue((1...50_000).allSatisfy { table[UInt64($0)] == UInt32($0 * 2) })
  }
}
