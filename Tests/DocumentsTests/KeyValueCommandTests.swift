import BSON
import ClientProtocol
import Wire
import XCTest

@testable import Documents

/// Plain keys: put, put-if, delete, increment.
final class KeyValueCommandTests: XCTestCase {
  func test_put_thenGet_givesTheBytes() {
    var fixture = StoreFixture()

    let reply = fixture.apply(.kvPut(key: utf8("k"), value: utf8("v")))

    XCTAssertEqual(reply, .written(revision: 1, existedBefore: false, id: []))
    XCTAssertEqual(
      fixture.ask(.kvGet(things, key: utf8("k"))),
      .item(QueryReply.Item(revision: 1, bytes: utf8("v")))
    )
  }

  func test_changes_whenMuchIsReplaced_alwaysShowWhatWasThereBefore() {
    for (count, size) in [(200, 10), (5, 600_000)] {
      var fixture = StoreFixture()
      func value(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
      }

      for number in 0..<count {
        fixture.apply(.kvPut(key: utf8("k"), value: value(number)))

        let old = number == 0 ? nil : value(number - 1)
        XCTAssertEqual(fixture.changes.last?.old?.array, old, "\(number) of \(size) bytes")
      }
      fixture.apply(.kvDelete(key: utf8("k"), ifRevision: 0))

      XCTAssertEqual(fixture.changes.last?.old?.array, value(count - 1))
    }
  }

  func test_get_whenNothingWasEverWritten_findsNothing() {
    var fixture = StoreFixture()

    XCTAssertEqual(fixture.ask(.kvGet(things, key: [1])), .item(nil))
    XCTAssertEqual(fixture.page(.kvRange(things, .all, ScanWindow())).entries, [])
    XCTAssertEqual(
      fixture.apply(.kvDelete(key: [1], ifRevision: 0)),
      .deleted(revision: 1, existed: false)
    )
    XCTAssertEqual(fixture.apply(.kvDelete(key: [1], ifRevision: 1)).code, .revisionConflict)
  }

  func test_putIf_asksForExactlyTheRevision() {
    let cases: [(name: String, key: UInt8, expected: UInt64, conflictsWith: UInt64?)] = [
      ("absent as expected", 2, 0, nil), ("there though expected absent", 1, 0, 1),
      ("at the revision", 1, 1, nil), ("at another", 1, 2, 1), ("absent", 2, 1, 0),
      ("the greatest", 1, .max, 1),
    ]
    for (name, key, expected, conflictsWith) in cases {
      var fixture = StoreFixture()
      fixture.apply(.kvPut(key: [1], value: [0]))

      let reply = fixture.apply(.kvPutIf(key: [key], value: [9], expectedRevision: expected))

      XCTAssertEqual(reply.code, conflictsWith == nil ? nil : .revisionConflict, name)
      XCTAssertEqual(reply.currentRevision, conflictsWith, name)
      XCTAssertEqual(fixture.changes.isEmpty, conflictsWith != nil, name)
    }
  }

  func test_delete_whenAtARevision_asksForExactlyThat() {
    let cases: [(name: String, ifRevision: UInt64, isDone: Bool)] = [
      ("any", 0, true), ("the right one", 1, true), ("another", 2, false),
    ]
    for (name, ifRevision, isDone) in cases {
      var fixture = StoreFixture()
      fixture.apply(.kvPut(key: [1], value: [0]))

      let reply = fixture.apply(.kvDelete(key: [1], ifRevision: ifRevision))

      XCTAssertEqual(reply.code, isDone ? nil : .revisionConflict, name)
      XCTAssertEqual(
        fixture.ask(.kvGet(things, key: [1])),
        .item(isDone ? nil : QueryReply.Item(revision: 1, bytes: [0])),
        name
      )
    }
  }

  func test_increment_addsToDecimalText() {
    let cases: [(held: String?, by: Int64, sum: Int64?, code: ErrorCode?)] = [
      (nil, 0, 0, nil), (nil, -5, -5, nil), (nil, .max, .max, nil), (nil, .min, .min, nil),
      ("0", 1, 1, nil), ("-1", 1, 0, nil), ("007", 1, 8, nil), ("-0", 0, 0, nil),
      ("9223372036854775806", 1, .max, nil),
      ("9223372036854775807", 1, nil, .integerOverflow),
      ("9223372036854775807", .min, -1, nil),
      ("-9223372036854775808", -1, nil, .integerOverflow),
      ("-9223372036854775808", .max, -1, nil),
      ("9223372036854775808", 0, nil, .typeMismatch),
      ("-9223372036854775809", 0, nil, .typeMismatch),
      ("00000000000000000001", 0, nil, .typeMismatch),
      ("", 0, nil, .typeMismatch), ("-", 0, nil, .typeMismatch), ("+1", 0, nil, .typeMismatch),
      ("1 ", 0, nil, .typeMismatch), ("1.0", 0, nil, .typeMismatch), ("é", 0, nil, .typeMismatch),
    ]
    for (held, amount, sum, code) in cases {
      var fixture = StoreFixture()
      if let held { fixture.apply(.kvPut(key: [1], value: utf8(held))) }

      let reply = fixture.apply(.kvIncrement(key: [1], by: amount))

      XCTAssertEqual(reply.code, code, "\(held ?? "absent") + \(amount)")
      guard let sum else { continue }
      XCTAssertEqual(reply, .incremented(revision: fixture.index, value: sum))
      XCTAssertEqual(
        fixture.ask(.kvGet(things, key: [1])),
        .item(QueryReply.Item(revision: fixture.index, bytes: utf8("\(sum)")))
      )
    }
  }

  func test_keysAndDocuments_inACollectionOfTheOtherKind_areRefused() {
    let empty = document("{}")
    let onKeys: [Command.Operation] = [
      .insert(id: nil, document: empty), .put(id: id("a"), document: empty),
      .replace(id: id("a"), document: empty, ifRevision: 0), .delete(id: id("a"), ifRevision: 0),
    ]
    // The key of a document, byte for byte: the store must not even look.
    let key = BSONValue.string("a").sortKey()
    let onDocuments: [Command.Operation] = [
      .kvPut(key: key, value: []), .kvPutIf(key: key, value: [], expectedRevision: 0),
      .kvPutIf(key: key, value: [], expectedRevision: 2), .kvDelete(key: key, ifRevision: 9),
      .kvIncrement(key: key, by: 1),
    ]
    var fixture = StoreFixture()
    fixture.apply(.kvPut(key: key, value: []), in: "keys")
    fixture.apply(.put(id: id("a"), document: empty), in: "documents")

    for operation in onKeys {
      XCTAssertEqual(fixture.apply(operation, in: "keys").code, .typeMismatch, "\(operation)")
    }
    for operation in onDocuments {
      XCTAssertEqual(fixture.apply(operation, in: "documents").code, .typeMismatch, "\(operation)")
    }
    let (keys, documents) = (Place(collection: "keys"), Place(collection: "documents"))
    XCTAssertEqual(fixture.ask(.get(keys, id: id("a"))).code, .typeMismatch)
    XCTAssertEqual(fixture.ask(.scan(keys, .all, ScanWindow())).code, .typeMismatch)
    XCTAssertEqual(fixture.ask(.kvGet(documents, key: key)).code, .typeMismatch)
    XCTAssertEqual(fixture.ask(.kvRange(documents, .all, ScanWindow())).code, .typeMismatch)
  }
}
