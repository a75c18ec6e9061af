import Wire
import XCTest

@testable import Documents

/// A map that is built at once is as one that grew.
final class OrderedMapBuilderTests: XCTestCase {
  func test_map_ofAnyCount_hasItsEntriesAndItsShape() {
    let counts = Array(0...300) + [3_120, 3_121, 4_095, 4_225, 4_226, 10_000, 250_000]
    for count in counts {
      let map = built(count)

      XCTAssertEqual(map.count, count)
      XCTAssertTrue(map.entries().map(\.value).elementsEqual(0..<count), "\(count)")
      MapShape.check(map, "\(count)")
    }
  }

  func test_map_whenChangedAfterwards_staysInShape() {
    for count in [1, 64, 65, 1_000, 5_000] {
      var (map, grown) = (built(count), OrderedMap<Int>())
      for number in 0..<count { grown.insert(number, for: Self.key(number)) }
      for step in 0..<2 * count {
        let key = Self.key(step * 7_919 % count) + (step % 3 == 0 ? [1] : [])
        if step % 2 == 0 {
          XCTAssertEqual(map.insert(step, for: key), grown.insert(step, for: key))
        } else {
          XCTAssertEqual(map.remove(key), grown.remove(key))
        }
      }

      XCTAssertEqual(map.entries().map(\.key), grown.entries().map(\.key))
      XCTAssertEqual(map.entries().map(\.value), grown.entries().map(\.value))
      MapShape.check(map, "\(count)")
    }
  }

  func test_builder_whenKeysDoNotAscendOrAreTooMany_refusesThem() {
    var builder = OrderedMapBuilder<Int>(count: 3)

    XCTAssertTrue(builder.append(1, for: [5]))
    XCTAssertFalse(builder.append(2, for: [5]))
    XCTAssertFalse(builder.append(2, for: [4, 9]))
    XCTAssertTrue(builder.append(2, for: [5, 0]))
    XCTAssertTrue(builder.append(3, for: [6]))
    XCTAssertFalse(builder.append(4, for: [7]))
    XCTAssertEqual(builder.finish().entries().map(\.value), [1, 2, 3])
  }

  private func built(_ count: Int) -> OrderedMap<Int> {
    var builder = OrderedMapBuilder<Int>(count: count)
    for number in 0..<count { XCTAssertTrue(builder.append(number, for: Self.key(number))) }
    return builder.finish()
  }

  private static func key(_ number: Int) -> [UInt8] {
    let digits = String(number)
    return Array(("k" + String(repeating: "0", count: 8 - digits.count) + digits).utf8)
  }
}
