import BSON
import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// What is refused before it is proposed: sizes, names, ids, documents, principals.
final class LimitTests: XCTestCase {
  private let empty = document("{}")

  func test_names_areHeldToTheirLimits() {
    let cases: [(name: String, collection: String, database: String, code: ErrorCode?)] = [
      ("usual", "c", "d", nil),
      ("no collection", "", "d", .invalidName), ("no database", "c", "", .invalidName),
      ("longest collection", String(repeating: "c", count: 120), "d", nil),
      ("over it", String(repeating: "c", count: 121), "d", .invalidName),
      ("over it in bytes", String(repeating: "é", count: 61), "d", .invalidName),
      ("longest database", "c", String(repeating: "d", count: 64), nil),
      ("over it", "c", String(repeating: "d", count: 65), .invalidName),
      ("zero", "a\u{0}b", "d", .invalidName), ("newline", "c", "a\nb", .invalidName),
      ("delete", "a\u{7F}", "d", .invalidName), ("space", "a b", "d", nil),
      ("far too long", String(repeating: "c", count: 70_000), "d", .invalidName),
    ]
    for (name, collection, database, code) in cases {
      var fixture = StoreFixture()

      let reply = fixture.apply(.createCollection, in: collection, database: database)

      XCTAssertEqual(reply.code, code, name)
      let place = Place(database: database, collection: collection)
      XCTAssertEqual(fixture.ask(.count(place, .all)).code, code, name)
    }
  }

  /// A leader proposes nothing above the level that all members offer (decision 0034).
  func test_commands_areOfTheLevelThatBringsTheirVersion() {
    let store = StoreFixture().store
    let table: [([UInt8], level: UInt16, isKnown: Bool)] = [
      ([1, 0, 9], 1, true), ([2, 0, 9], 2, false), ([0, 1], 256, false), ([7], 1, true),
      ([], 1, true),
    ]
    for (bytes, level, isKnown) in table {
      XCTAssertEqual(store.level(of: Bytes(bytes)), FeatureLevel(level), "\(bytes)")
      XCTAssertEqual(store.knows(Bytes(bytes)), isKnown, "\(bytes)")
    }
  }

  func test_ids_areHeldToTheirLimits() {
    let cases: [(name: String, id: [UInt8], code: ErrorCode?)] = [
      ("empty text", id(""), nil),
      ("longest", id(String(repeating: "i", count: 1_024 - 6)), nil),
      ("over it", id(String(repeating: "i", count: 1_024 - 5)), .idTooLarge),
      ("all zeros", id(String(repeating: "\u{0}", count: 1_024 - 6)), nil),
      ("document", id(.document(.empty)), nil),
      ("array", [0x04, 5, 0, 0, 0, 0], .invalidID), ("regex", [0x0B, 0, 0], .invalidID),
      ("array inside a document", [0x03] + document(#"{"a": [1]}"#), nil),
      ("unknown type", [0x06], .invalidID), ("type zero", [0], .invalidID),
      ("two values", [0x10, 1, 0, 0, 0, 0x10, 0x78, 0, 2, 0, 0, 0], .invalidID),
      ("cut off", [0x10, 1, 0, 0], .invalidID), ("text alone", [0x02], .invalidID),
      ("not UTF-8", [0x02, 2, 0, 0, 0, 0xFF, 0], .invalidID),
      ("no closing zero", [0x02, 2, 0, 0, 0, 0x61, 1], .invalidID),
      ("length too small", [0x02, 1, 0, 0, 0, 0x61, 0], .invalidID),
      ("length too great", [0x02, 3, 0, 0, 0, 0x61, 0], .invalidID),
      ("length zero", [0x02, 0, 0, 0, 0], .invalidID),
      ("negative length", [0x02, 0xFF, 0xFF, 0xFF, 0xFF, 0x61, 0], .invalidID),
      ("a reserved name", [0x03] + Self.handMade(named: "$a"), .invalidID),
      ("null", [0x0A], nil), ("least", [0xFF], nil), ("greatest", [0x7F], nil),
      ("no type", [], .invalidID),
    ]
    for (name, id, code) in cases {
      var fixture = StoreFixture()
      fixture.apply(.createCollection)

      XCTAssertEqual(fixture.apply(.put(id: id, document: empty)).code, code, name)
      XCTAssertEqual(fixture.ask(.get(things, id: id)).code, code, name)
      let bound = KeyRange.Bound(id, isIncluded: true)
      XCTAssertEqual(fixture.ask(.count(things, .between(bound, nil))).code, code, name)
    }
  }

  func test_keys_areHeldToTheirLimits() {
    let cases: [(size: Int, code: ErrorCode?)] = [
      (0, .invalidID), (1, nil), (1_024, nil), (1_025, .idTooLarge), (65_535, .idTooLarge),
    ]
    for (size, code) in cases {
      let key = [UInt8](repeating: 0xFF, count: size)
      let operations: [Command.Operation] = [
        .kvPut(key: key, value: []), .kvPutIf(key: key, value: [], expectedRevision: 0),
        .kvDelete(key: key, ifRevision: 0), .kvIncrement(key: key, by: 1),
      ]
      for operation in operations {
        var fixture = StoreFixture()
        XCTAssertEqual(fixture.apply(operation).code, code, "\(size)")
      }
      var fixture = StoreFixture()
      XCTAssertEqual(fixture.ask(.kvGet(things, key: key)).code, code, "\(size)")
    }
  }

  func test_documentsAndValues_areHeldToOneMebibyte() {
    for (size, code) in [(1 << 20, nil), ((1 << 20) + 1, ErrorCode.documentTooLarge)] {
      let text = String(repeating: "x", count: size - 4 - 1 - 2 - 4 - 1 - 1)
      let bytes = (try? BSONDocument(fields: [("t", .string(text))]).bytes) ?? []
      let value = [UInt8](repeating: 1, count: size)
      XCTAssertEqual(bytes.count, size)
      let operations: [Command.Operation] = [
        .put(id: id("a"), document: bytes), .insert(id: nil, document: bytes),
        .kvPut(key: [1], value: value), .kvPutIf(key: [1], value: value, expectedRevision: 0),
      ]
      for operation in operations {
        var fixture = StoreFixture()
        XCTAssertEqual(fixture.apply(operation).code, code, "\(size)")
      }
    }
  }

  func test_documents_thatMayNotBeStored_areRefusedWithTheirCode() {
    let nested = String(repeating: #"{"a":"#, count: 64)
    let tooDeep = (0..<64).reduce(empty) { inner, _ in
      Self.size(inner.count + 8) + [0x03, 0x61, 0] + inner + [0]
    }
    let cases: [(name: String, bytes: [UInt8], code: ErrorCode?)] = [
      ("empty", empty, nil), ("no bytes", [], .invalidDocument),
      ("cut off", Array(document(#"{"a": 1}"#).dropLast()), .invalidDocument),
      ("trailing", document("{}") + [0], .invalidDocument),
      ("its id inside", document(#"{"a": 1, "_id": 2}"#), .invalidDocument),
      ("an id further in", document(#"{"a": {"_id": 2}}"#), nil),
      ("twice the same", Self.handMade(named: "a", twice: true), .duplicateField),
      ("64 levels", document(nested + "1" + String(repeating: "}", count: 64)), nil),
      ("65 levels", tooDeep, .nestingTooDeep),
      ("a reserved name", Self.handMade(named: "$set"), .invalidDocument),
      ("a lone dollar", Self.handMade(named: "$"), .invalidDocument),
      (
        "a reserved name inside", Self.handMade(wrapping: Self.handMade(named: "$oid")),
        .invalidDocument
      ),
      ("a dollar inside a name", document(#"{"a$b": "$c"}"#), nil),
      ("a dollar that looks like a name", document(#"{"a": "\u0001$", "b": 9217}"#), nil),
    ]
    for (name, bytes, code) in cases {
      var fixture = StoreFixture()
      XCTAssertEqual(fixture.apply(.put(id: id("a"), document: bytes)).code, code, name)
    }
  }

  func test_principals_otherThanAnonymous_areRefused() {
    var fixture = StoreFixture()

    XCTAssertEqual(fixture.apply(.createCollection, principal: 1).code, .unauthorized)
    XCTAssertEqual(fixture.ask(.listDatabases, principal: 1).code, .unauthorized)
    XCTAssertEqual(fixture.ask(.next(cursor: 1), principal: .max).code, .unauthorized)
  }

  func test_versions_thatAreUnknown_areRefused() {
    var fixture = StoreFixture()
    var command = Command(place: things, operation: .createCollection).encoded()
    var query = Query(.listDatabases).encoded()
    command[0] = 2
    query[0] = 2

    XCTAssertEqual(fixture.apply(bytes: command).code, .unknownCommand)
    XCTAssertEqual(fixture.ask(bytes: query).code, .unknownCommand)
    XCTAssertEqual(fixture.apply(bytes: []).code, .badRequest)
    XCTAssertEqual(fixture.ask(bytes: []).code, .badRequest)
  }

  func test_prefixesAndBounds_areHeldToTheirLimits() {
    var fixture = StoreFixture()
    fixture.apply(.createCollection)
    fixture.apply(.kvPut(key: [1], value: []), in: "keys")
    let keys = Place(collection: "keys")
    let (longest, over) = (
      [UInt8](repeating: 97, count: 1_024), [UInt8](repeating: 97, count: 1_025)
    )

    XCTAssertNil(fixture.ask(.scan(things, .prefix(longest), ScanWindow())).code)
    XCTAssertEqual(fixture.ask(.scan(things, .prefix(over), ScanWindow())).code, .idTooLarge)
    XCTAssertEqual(fixture.ask(.scan(things, .prefix([0xFF]), ScanWindow())).code, .invalidID)
    XCTAssertNil(fixture.ask(.kvRange(keys, .prefix(longest), ScanWindow())).code)
    XCTAssertEqual(fixture.ask(.kvRange(keys, .prefix(over), ScanWindow())).code, .idTooLarge)
    let bound = KeyRange.Bound(over, isIncluded: false)
    XCTAssertEqual(
      fixture.ask(.kvRange(keys, .between(nil, bound), ScanWindow())).code,
      .idTooLarge
    )
    XCTAssertEqual(
      fixture.ask(.count(keys, .between(KeyRange.Bound([], isIncluded: true), nil))),
      .count(1, atRevision: 2)
    )
  }

  /// Messages may carry what a client wrote: they stay within the reply that a session keeps.
  func test_messages_withLongNamesInside_areCut() {
    var fixture = StoreFixture()
    let name = String(repeating: "n", count: 100_000)
    let reply = fixture.apply(
      .put(id: id("a"), document: Self.handMade(named: name, twice: true))
    )

    guard case .failed(let failure) = reply else { return XCTFail("\(reply)") }
    XCTAssertEqual(failure.code, .duplicateField)
    XCTAssertEqual(failure.message.utf8.count, 1_024)
  }

  /// Built by hand: the builder would refuse some of these.
  private static func handMade(named name: String, twice isTwice: Bool = false) -> [UInt8] {
    let field = [0x0A] + utf8(name) + [0]
    let fields = isTwice ? field + field : field
    return size(fields.count + 5) + fields + [0]
  }

  private static func handMade(wrapping inner: [UInt8]) -> [UInt8] {
    let array = size(inner.count + 8) + [0x03, 0x30, 0] + inner + [0]
    return size(array.count + 8) + [0x04, 0x61, 0] + array + [0]
  }

  private static func size(_ count: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  }
}
