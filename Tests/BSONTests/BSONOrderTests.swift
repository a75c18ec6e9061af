import XCTest

@testable import BSON

final class BSONOrderTests: XCTestCase {
  func test_compare_ofTheTable_isItsOrder() throws {
    let ascending: [[String]] = [
      [#"{"$minKey":1}"#], ["null"], [#"{"$numberDouble":"NaN"}"#, #"{"$numberDecimal":"NaN"}"#],
      [#"{"$numberDouble":"-Infinity"}"#, #"{"$numberDecimal":"-Infinity"}"#],
      [#"{"$numberDecimal":"-1E6000"}"#], ["-1.7976931348623157e308"],
      ["-9223372036854775809.0", "-9223372036854775808"], ["-9223372036854775807"],
      ["-1.5", #"{"$numberDecimal":"-1.5"}"#], [#"{"$numberDecimal":"-1E-400"}"#],
      ["0", "-0.0", "0.0", #"{"$numberLong":"0"}"#, #"{"$numberDecimal":"0E+10"}"#],
      [#"{"$numberDecimal":"1E-400"}"#], ["5e-324"], [#"{"$numberDecimal":"5E-324"}"#],
      [#"{"$numberDecimal":"0.1"}"#], ["0.1"],
      ["1", "1.0", #"{"$numberLong":"1"}"#, #"{"$numberDecimal":"1.000"}"#],
      [#"{"$numberDecimal":"1.000000000000000000000000000000001"}"#], ["1.0000000000000002"],
      ["9007199254740991"], ["9007199254740992", "9007199254740992.0"],
      ["9007199254740993", #"{"$numberDecimal":"9007199254740993"}"#],
      [#"{"$numberDecimal":"9007199254740993.5"}"#], ["9007199254740994.0"],
      ["9223372036854775806"], ["9223372036854775807"], ["9223372036854775807.0"],
      ["1.7976931348623157e308"], [#"{"$numberDecimal":"1.7976931348623158E+308"}"#],
      [#"{"$numberDecimal":"1E+309"}"#],
      [#"{"$numberDouble":"Infinity"}"#, #"{"$numberDecimal":"Infinity"}"#],
      [#""""#], [#""\u0000""#], [#""\u0000a""#], [#""\u0001""#], [#""a""#], [#""a\u0000""#],
      [#""aa""#], [#""e\u0301""#], [#""\u00e9""#], [#""\uffff""#], [#""😀""#],
      ["{}"], [#"{"b":1}"#], [#"{"b":1,"a":1}"#], [#"{"b":2}"#, #"{"b":2.0}"#], [#"{"a":"x"}"#],
      ["[]"], ["[null]"], ["[1]", "[1.0]"], ["[1,2]"], ["[2]"], [#"["a"]"#],
      [#"{"$binary":{"base64":"/w==","subType":"00"}}"#],
      [#"{"$binary":{"base64":"AA==","subType":"01"}}"#],
      [#"{"$binary":{"base64":"AAA=","subType":"00"}}"#],
      [#"{"$oid":"000000000000000000000001"}"#], [#"{"$oid":"ff0000000000000000000000"}"#],
      ["false"], ["true"], [#"{"$date":{"$numberLong":"-1"}}"#],
      [#"{"$date":{"$numberLong":"0"}}"#],
      [#"{"$timestamp":{"t":1,"i":2}}"#], [#"{"$timestamp":{"t":2,"i":1}}"#],
      [#"{"$regularExpression":{"pattern":"a","options":""}}"#],
      [#"{"$regularExpression":{"pattern":"a","options":"i"}}"#],
      [#"{"$regularExpression":{"pattern":"b","options":""}}"#], [#"{"$maxKey":1}"#],
    ]
    let ranked = try ascending.enumerated().flatMap { rank, texts in
      try texts.map { (rank: rank, text: $0, value: try BSONValue(json: $0)) }
    }
    for left in ranked {
      for right in ranked {
        let expected = BSONOrdering(left.rank, right.rank)

        XCTAssertEqual(left.value.compare(right.value), expected, "\(left.text) \(right.text)")
        XCTAssertEqual(Self.keyOrder(left.value, right.value), expected, "\(left) \(right)")
      }
    }
  }

  func test_sortKey_ofRandomValues_ordersAsCompareDoes() {
    var chance = RandomValues(seed: 11)
    for _ in 0..<20_000 {
      let left = chance.value(depth: 3)
      let right = chance.next(below: 4) == 0 ? chance.neighbor(of: left) : chance.value(depth: 3)

      XCTAssertEqual(left.compare(right), Self.keyOrder(left, right), "\(left) \(right)")
      XCTAssertEqual(right.compare(left), left.compare(right).reversed, "\(left) \(right)")
      XCTAssertEqual(left.compare(left), .equal, "\(left)")
    }
  }

  func test_compare_ofRandomNumbers_isTransitive() {
    var chance = RandomValues(seed: 12)
    let numbers = (0..<120).map { _ in chance.number() }
    let sorted = numbers.sorted { $0.compare($1) == .less }
    for (index, left) in sorted.enumerated() {
      for right in sorted[index...] {
        XCTAssertNotEqual(left.compare(right), .greater, "\(left) \(right)")
        XCTAssertEqual(left.compare(right), Self.keyOrder(left, right), "\(left) \(right)")
      }
    }
  }

  func test_sortKeyPrefix_ofAString_coversExactlyItsContinuations() {
    let prefix = BSONValue.sortKeyPrefix(ofStringsBeginningWith: "a\0b")

    let isCovered = { BSONValue.string($0).sortKey().starts(with: prefix) }
    XCTAssertTrue(isCovered("a\0b"))
    XCTAssertTrue(isCovered("a\0bc"))
    XCTAssertFalse(isCovered("a\0c"))
    XCTAssertFalse(isCovered("a"))
  }

  func test_values_whenArraysOrExpressions_cannotBeIDs() {
    XCTAssertFalse(BSONValue.array([]).canBeID)
    XCTAssertFalse(BSONValue.regex(pattern: "", options: "").canBeID)
    XCTAssertTrue(BSONValue.document(.empty).canBeID)
    XCTAssertTrue(BSONValue.null.canBeID)
  }

  private static func keyOrder(_ left: BSONValue, _ right: BSONValue) -> BSONOrdering {
    let (left, right) = (left.sortKey(), right.sortKey())
    return left.lexicographicallyPrecedes(right)
      ? .less : right.lexicographicallyPrecedes(left) ? .greater : .equal
  }
}
