import Consensus
import XCTest

@testable import Replication

final class FlatTableTests: XCTestCase {
  func test_table_underRandomChanges_isLikeADictionary() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (table, model) = (FlatTable<ReadID, Int>(), [ReadID: Int]())
      for step in 0..<2_000 {
        // Few keys far apart, so that many share a place.
        let key = ReadID(UInt64(random.number(below: 300)) << 40)
        switch random.number(below: 4) {
        case 0, 1:
          XCTAssertEqual(table.insert(step, for: key), model[key] == nil)
          model[key] = model[key] ?? step
        case 2: XCTAssertEqual(table.remove(key), model.removeValue(forKey: key))
        default:
          XCTAssertEqual(table.update(key) { $0 += 1 }, model[key] != nil)
          model[key]? += 1
        }
        XCTAssertEqual(table.count, model.count)
        XCTAssertEqual(table[key], model[key])
      }
      XCTAssertEqual(table.values.sorted(), model.values.sorted())
      for (key, value) in model { XCTAssertEqual(table[key], value) }
    }
  }

  func test_removeAll_leavesNothing() {
    var table = FlatTable<ReadID, Int>()
    XCTAssertTrue(table.insert(1, for: ReadID(1)))

    table.removeAll()

    XCTAssertTrue(table.isEmpty)
    XCTAssertNil(table[ReadID(1)])
  }
}
