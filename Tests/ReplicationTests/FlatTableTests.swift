import Consensus
import XCTest

@testable import Replication

final class FlatTableTests: XCTestCase {
  func test_table_underRandomChanges_isLikeADictionary() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (table, model) = (FlatTable<ReadID, Int>(seed: seed), [ReadID: Int]())
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

  func test_search_whenAClientChoosesTheKeys_staysShort() {
    let count: UInt64 = 10_000
    let product: UInt64 = 0xD6E8_FEB8_6659_FD93
    let choices: [(String, (UInt64) -> (session: UInt64, sequence: UInt64))] = [
      ("one session", { (5, $0) }),
      ("one sequence", { ($0, 1) }),
      ("diagonal", { ($0, $0) }),
      ("sum", { ($0, count - $0) }),
      ("far apart", { ($0 << 40, $0 << 52) }),
      ("high bits", { (5, $0 << 48) }),
      ("product of both", { ($0, $0 &* product ^ 7) }),
    ]
    for (name, choose) in choices {
      var table = FlatTable<RequestKey, Int>(seed: 1)
      for number in 1...count {
        let (session, sequence) = choose(number)
        let key = RequestKey(kind: .write, session: session, sequence: sequence)
        XCTAssertTrue(table.insert(0, for: key))
      }

      XCTAssertLessThan(table.longestSearch, 100, name)
    }
  }

  func test_table_afterABurst_isSmallAgain() {
    var table = FlatTable<ReadID, UInt64>(seed: 1)
    for number in 0..<65_536 as Range<UInt64> { _ = table.insert(number, for: ReadID(number)) }
    XCTAssertEqual(table.placeCount, 131_072)

    for number in 10..<65_536 as Range<UInt64> {
      XCTAssertEqual(table.remove(ReadID(number)), number)
    }

    XCTAssertLessThanOrEqual(table.placeCount, 128)
    XCTAssertEqual(table.values.sorted(), Array(0..<10))
    for number in 0..<10 as Range<UInt64> { XCTAssertEqual(table[ReadID(number)], number) }
  }

  func test_removeAll_leavesNothing() {
    var table = FlatTable<ReadID, Int>(seed: 1)
    XCTAssertTrue(table.insert(1, for: ReadID(1)))

    table.removeAll()

    XCTAssertTrue(table.isEmpty)
    XCTAssertNil(table[ReadID(1)])
  }
}
