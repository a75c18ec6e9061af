import BSON
import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// Scans, ranges and counts against a sorted array, and the frozen state behind their pages.
final class ScanTests: XCTestCase {
  /// What a collection holds, plain enough to be believed.
  private struct Model {
    /// In order of `order`.
    var entries: [(order: [UInt8], entry: QueryReply.Entry)] = []

    mutating func set(_ entry: QueryReply.Entry, order: [UInt8]) {
      remove(order)
      let index = entries.firstIndex { order.lexicographicallyPrecedes($0.order) }
      entries.insert((order, entry), at: index ?? entries.count)
    }

    mutating func remove(_ order: [UInt8]) {
      entries.removeAll { $0.order == order }
    }

    func contains(_ order: [UInt8]) -> Bool {
      entries.contains { $0.order == order }
    }

    func select(_ isWithin: ([UInt8]) -> Bool) -> [QueryReply.Entry] {
      entries.filter { isWithin($0.order) }.map(\.entry)
    }
  }

  /// A range as the protocol has it and as the model understands it.
  private typealias Choice = (range: KeyRange, isWithin: ([UInt8]) -> Bool)

  func test_documents_whenChangedAtRandom_areAsASortedArray() {
    for seed in 1...4 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (fixture, model) = (StoreFixture(), Model())
      fixture.apply(.createCollection)
      for step in 0..<800 {
        let value = Self.randomID(&random)
        change(value, &fixture, &model, &random)
        guard step % 20 == 0 else { continue }
        let choice = Self.choice(&random)
        let window = Self.window(&random)
        assertSame(
          fixture.scan(.scan(things, choice.range, window)).entries,
          model.select(choice.isWithin),
          window,
          "seed \(seed), step \(step)"
        )
        XCTAssertEqual(
          fixture.ask(.count(things, choice.range)),
          .count(UInt64(model.select(choice.isWithin).count), atRevision: fixture.index),
          "seed \(seed), step \(step)"
        )
      }
    }
  }

  func test_keys_whenChangedAtRandom_areAsASortedArray() {
    var random = RandomSource(seed: 5)
    var (fixture, model) = (StoreFixture(), Model())
    for step in 0..<2_000 {
      let key = Self.randomKey(&random)
      if random.chance(percent: 30) {
        fixture.apply(.kvDelete(key: key, ifRevision: 0))
        model.remove(key)
      } else {
        fixture.apply(.kvPut(key: key, value: utf8("\(step)")))
        let item = QueryReply.Item(revision: fixture.index, bytes: utf8("\(step)"))
        model.set(QueryReply.Entry(key: key, item: item), order: key)
      }
      guard step % 20 == 0 else { continue }
      let choice = Self.keyChoice(&random)
      let window = Self.window(&random)
      assertSame(
        fixture.scan(.kvRange(things, choice.range, window)).entries,
        model.select(choice.isWithin),
        window,
        "step \(step)"
      )
    }
  }

  func test_scan_ofIDsOfManyKinds_isInTheDocumentedOrder() {
    let ids: [BSONValue] = [
      .minKey, .null, .double(.nan), .double(-.infinity), .int32(-1), .double(-0.5), .int64(0),
      .double(9_007_199_254_740_992), .int64(9_007_199_254_740_993), .double(.infinity),
      .string(""), .string("a"), .string("a\u{0}"), .string("ab"), .string("é"),
      .document(.empty), .binary(subtype: 0, bytes: [1]), .objectID(ObjectID(high: 0, low: 1)),
      .boolean(false), .boolean(true), .datetime(-1), .datetime(0),
      .timestamp(seconds: 1, increment: 0), .maxKey,
    ]
    var fixture = StoreFixture()
    for value in ids.reversed() {
      fixture.apply(.put(id: id(value), document: document("{}")))
    }

    let found = fixture.scan(.scan(things, .all, ScanWindow())).entries.map(\.key)
    let back = fixture.scan(.scan(things, .all, ScanWindow(isReversed: true))).entries.map(\.key)

    XCTAssertEqual(found, ids.map { id($0) })
    XCTAssertEqual(back, found.reversed())
  }

  func test_pages_endAtTheirLimits() {
    var fixture = StoreFixture()
    for number in 0..<250 {
      fixture.apply(.kvPut(key: [UInt8(number)], value: []))
    }
    let cases: [(limit: UInt64, pageItems: UInt32, count: Int, pages: Int)] = [
      (0, 0, 250, 3), (0, 1, 250, 250), (1, 0, 1, 1), (100, 0, 100, 1), (101, 0, 101, 2),
      (0, 250, 250, 1), (0, 249, 250, 2), (0, 251, 250, 1), (.max, .max, 250, 1), (7, 3, 7, 3),
    ]
    for (limit, pageItems, count, pages) in cases {
      let window = ScanWindow(limit: limit, pageItems: pageItems)

      let found = fixture.scan(.kvRange(things, .all, window))

      XCTAssertEqual(found.entries.count, count, "\(window)")
      XCTAssertEqual(found.pages, pages, "\(window)")
      XCTAssertEqual(fixture.store.cursors.count, 0, "\(window)")
    }
  }

  func test_page_whenItsBytesAreMany_endsWithTheItemThatPassesTheLimit() {
    var fixture = StoreFixture()
    for number in 0..<5 as Range<UInt8> {
      fixture.apply(.kvPut(key: [number], value: [UInt8](repeating: number, count: 1 << 19)))
    }

    let found = fixture.scan(.kvRange(things, .all, ScanWindow()))

    XCTAssertEqual(found.entries.map(\.key), [[0], [1], [2], [3], [4]])
    XCTAssertEqual(found.pages, 3, "two of half a mebibyte each, and one with the last")
  }

  func test_pages_whileWritesGoOn_showOneFrozenState() {
    for isReversed in [false, true] {
      var random = RandomSource(seed: 6)
      var fixture = StoreFixture()
      for number in 0..<300 {
        fixture.apply(.kvPut(key: utf8("\(1_000 + number)"), value: utf8("old \(number)")))
      }
      let window = ScanWindow(isReversed: isReversed, pageItems: 7)
      let expected = fixture.scan(.kvRange(things, .all, window)).entries
      let frozenAt = fixture.index

      var page = fixture.page(.kvRange(things, .all, window))
      var found = page.entries
      while page.cursor != 0 {
        for _ in 0..<20 {
          let key = utf8("\(1_000 + random.number(below: 400))")
          let isDelete = random.chance(percent: 50)
          fixture.apply(isDelete ? .kvDelete(key: key, ifRevision: 0) : .kvPut(key: key, value: []))
        }
        if found.count > 150 { fixture.apply(.dropCollection) }
        page = fixture.page(.next(cursor: page.cursor))
        XCTAssertEqual(page.atRevision, frozenAt)
        found += page.entries
      }

      XCTAssertEqual(found, expected)
      XCTAssertNotEqual(fixture.scan(.kvRange(things, .all, window)).entries, expected)
    }
  }

  // MARK: Helpers

  private func change(
    _ value: BSONValue,
    _ fixture: inout StoreFixture,
    _ model: inout Model,
    _ random: inout RandomSource
  ) {
    let (idBytes, order) = (id(value), value.sortKey())
    let bytes = document(#"{"n": \#(fixture.index)}"#)
    let isThere = model.contains(order)
    let (operation, code): (Command.Operation, ErrorCode?) =
      switch random.number(below: 4) {
      case 0: (.insert(id: idBytes, document: bytes), isThere ? .alreadyExists : nil)
      case 1: (.replace(id: idBytes, document: bytes, ifRevision: 0), isThere ? nil : .notFound)
      case 2: (.put(id: idBytes, document: bytes), nil)
      default: (.delete(id: idBytes, ifRevision: 0), nil)
      }
    XCTAssertEqual(fixture.apply(operation).code, code, "\(operation)")
    guard code == nil else { return }
    if case .delete = operation { return model.remove(order) }
    let held = model.entries.first { $0.order == order }?.entry.key
    let item = QueryReply.Item(revision: fixture.index, bytes: bytes)
    model.set(QueryReply.Entry(key: held ?? idBytes, item: item), order: order)
  }

  private func assertSame(
    _ found: [QueryReply.Entry],
    _ expected: [QueryReply.Entry],
    _ window: ScanWindow,
    _ name: String
  ) {
    let inOrder = window.isReversed ? expected.reversed() : expected
    let limited = window.limit == 0 ? inOrder : Array(inOrder.prefix(Int(window.limit)))
    XCTAssertEqual(found, limited, name)
  }

  private static func window(_ random: inout RandomSource) -> ScanWindow {
    ScanWindow(
      isReversed: random.chance(percent: 50),
      limit: random.chance(percent: 50) ? 0 : UInt64(random.number(below: 40)),
      pageItems: UInt32(random.number(below: 12))
    )
  }

  private static func randomID(_ random: inout RandomSource) -> BSONValue {
    switch random.number(below: 5) {
    case 0: .int32(Int32(random.number(below: 20)))
    case 1: .double(Double(random.number(below: 40)) / 2)
    case 2: .string(String(repeating: "a", count: random.number(below: 4)))
    case 3: .string("a\(random.number(below: 30))")
    default: .boolean(random.chance(percent: 50))
    }
  }

  private static func randomKey(_ random: inout RandomSource) -> [UInt8] {
    (0...random.number(below: 3)).map { _ in [0, 1, 0x61, 0xFE, 0xFF][random.number(below: 5)] }
  }

  private static func choice(_ random: inout RandomSource) -> Choice {
    let (first, second) = (randomID(&random), randomID(&random))
    if random.chance(percent: 25), case .string(let text) = first {
      let isWithin: ([UInt8]) -> Bool = { order in
        order.starts(with: BSONValue.string(text).sortKey().dropLast())
      }
      return (.prefix(utf8(text)), isWithin)
    }
    return between(
      (id(first), first.sortKey()),
      (id(second), second.sortKey()),
      &random
    )
  }

  private static func keyChoice(_ random: inout RandomSource) -> Choice {
    let (first, second) = (randomKey(&random), randomKey(&random))
    if random.chance(percent: 25) { return (.prefix(first), { $0.starts(with: first) }) }
    return between((first, first), (second, second), &random)
  }

  private static func between(
    _ first: (key: [UInt8], order: [UInt8]),
    _ second: (key: [UInt8], order: [UInt8]),
    _ random: inout RandomSource
  ) -> Choice {
    let (lower, upper) = (random.number(below: 3), random.number(below: 3))
    let from = lower == 0 ? nil : KeyRange.Bound(first.key, isIncluded: lower == 1)
    let to = upper == 0 ? nil : KeyRange.Bound(second.key, isIncluded: upper == 1)
    let isWithin: ([UInt8]) -> Bool = { order in
      let isAbove =
        lower == 0 || first.order.lexicographicallyPrecedes(order)
        || lower == 1 && order == first.order
      let isBelow =
        upper == 0 || order.lexicographicallyPrecedes(second.order)
        || upper == 1 && order == second.order
      return isAbove && isBelow
    }
    return (lower == 0 && upper == 0 ? .all : .between(from, to), isWithin)
  }
}
