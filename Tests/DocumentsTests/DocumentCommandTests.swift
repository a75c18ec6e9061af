import BSON
import ClientProtocol
import Wire
import XCTest

@testable import Documents

/// Inserting, putting, replacing and deleting documents.
final class DocumentCommandTests: XCTestCase {
  private let one = document(#"{"n": 1}"#)
  private let two = document(#"{"n": 2}"#)

  func test_insert_whenNew_isWrittenAtItsIndex() {
    var fixture = StoreFixture()

    let reply = fixture.apply(.insert(id: id("a"), document: one))

    XCTAssertEqual(reply, .written(revision: 1, existedBefore: false, id: id("a")))
    XCTAssertEqual(
      fixture.ask(.get(things, id: id("a"))),
      .item(QueryReply.Item(revision: 1, bytes: one))
    )
  }

  func test_command_whenItCanOnlyMakeTheStateSmaller_isKnownForIt() {
    let store = StoreFixture().store
    let removals: [Command.Operation] = [
      .dropCollection, .delete(id: id("a"), ifRevision: 0), .kvDelete(key: [1], ifRevision: 3),
    ]
    let others: [Command.Operation] = [
      .createCollection, .insert(id: nil, document: one), .put(id: id("a"), document: one),
      .replace(id: id("a"), document: one, ifRevision: 0), .kvPut(key: [1], value: []),
      .kvPutIf(key: [1], value: [], expectedRevision: 0), .kvIncrement(key: [1], by: -1),
    ]

    let known = (removals + others).map { operation in
      store.onlyRemoves(Bytes(Command(place: things, operation: operation).encoded()))
    }

    XCTAssertEqual(known, removals.map { _ in true } + others.map { _ in false })
    XCTAssertFalse(store.onlyRemoves([0xFF]))
  }

  func test_insert_whenTheIDExists_failsAndNamesTheRevision() {
    var fixture = StoreFixture()
    fixture.apply(.insert(id: id("a"), document: one))

    let reply = fixture.apply(.insert(id: id("a"), document: two))

    XCTAssertEqual(reply.code, .alreadyExists)
    XCTAssertEqual(reply.currentRevision, 1)
    XCTAssertEqual(fixture.changes, [])
  }

  func test_insert_withoutAnID_derivesOneFromTheEntry() throws {
    var (first, second) = (StoreFixture(), StoreFixture())

    let replies = [first, second].map { fixture in
      var fixture = fixture
      return fixture.apply(.insert(id: nil, document: one))
    }
    guard case .written(1, false, let made) = replies[0] else { return XCTFail("\(replies[0])") }
    second.apply(.createCollection)

    XCTAssertEqual(replies[0], replies[1])
    XCTAssertEqual(
      try BSONValue(idBytes: made),
      .objectID(ObjectID(high: 1_700_000_000 << 32, low: 1)),
      "seconds of the leader's clock, then the index"
    )
    XCTAssertNotEqual(
      second.apply(.insert(id: nil, document: one)),
      first.apply(.insert(id: nil, document: one))
    )
  }

  func test_put_whenTheIDExists_replaces() {
    var fixture = StoreFixture()

    XCTAssertEqual(
      fixture.apply(.put(id: id("a"), document: one)),
      .written(revision: 1, existedBefore: false, id: id("a"))
    )
    XCTAssertEqual(
      fixture.apply(.put(id: id("a"), document: two)),
      .written(revision: 2, existedBefore: true, id: id("a"))
    )
    XCTAssertEqual(
      fixture.ask(.get(things, id: id("a"))),
      .item(QueryReply.Item(revision: 2, bytes: two))
    )
  }

  func test_replace_whenAtARevision_asksForExactlyThat() {
    let cases: [(name: String, ifRevision: UInt64, code: ErrorCode?)] = [
      ("any", 0, nil), ("the right one", 3, nil), ("an older one", 2, .revisionConflict),
      ("a newer one", 4, .revisionConflict), ("the greatest", .max, .revisionConflict),
    ]
    for (name, ifRevision, code) in cases {
      var fixture = StoreFixture()
      fixture.apply(.createCollection)
      fixture.apply(.put(id: id("b"), document: one))
      fixture.apply(.put(id: id("a"), document: one))

      let reply = fixture.apply(.replace(id: id("a"), document: two, ifRevision: ifRevision))

      XCTAssertEqual(reply.code, code, name)
      XCTAssertEqual(reply.currentRevision, code == nil ? nil : 3, name)
    }
  }

  func test_replace_whenAbsent_isNotFound() {
    for ifRevision in [0, 1] as [UInt64] {
      var fixture = StoreFixture()
      fixture.apply(.createCollection)

      let reply = fixture.apply(.replace(id: id("a"), document: one, ifRevision: ifRevision))

      XCTAssertEqual(reply.code, .notFound)
    }
  }

  func test_delete_whenAtARevision_asksForExactlyThat() {
    let cases: [(name: String, id: [UInt8], ifRevision: UInt64, reply: CommandReply?)] = [
      ("any", id("a"), 0, .deleted(revision: 2, existed: true)),
      ("the right one", id("a"), 1, .deleted(revision: 2, existed: true)),
      ("another", id("a"), 2, nil),
      ("absent", id("b"), 0, .deleted(revision: 2, existed: false)),
      ("absent at a revision", id("b"), 1, nil),
    ]
    let a = id("a")
    for (name, id, ifRevision, expected) in cases {
      var fixture = StoreFixture()
      fixture.apply(.put(id: a, document: one))

      let reply = fixture.apply(.delete(id: id, ifRevision: ifRevision))

      XCTAssertEqual(reply.code, expected == nil ? .revisionConflict : nil, name)
      if let expected { XCTAssertEqual(reply, expected, name) }
    }
  }

  func test_ids_whenEqualInOrder_areOneDocumentInItsFirstForm() {
    var fixture = StoreFixture()
    fixture.apply(.put(id: id(.int32(1)), document: one))

    let reply = fixture.apply(.put(id: id(.double(1)), document: two))

    XCTAssertEqual(reply, .written(revision: 2, existedBefore: true, id: id(.int32(1))))
    XCTAssertEqual(fixture.changes.map(\.id), [Bytes(id(.int32(1)))])
    XCTAssertEqual(
      fixture.scan(.scan(things, .all, ScanWindow())).entries.map(\.key),
      [id(.int32(1))]
    )
    fixture.apply(.delete(id: id(.int64(1)), ifRevision: 2))
    XCTAssertEqual(fixture.changes.map(\.id), [Bytes(id(.int32(1)))])
  }

  func test_writes_toAMissingCollection_makeItOnlyWhereTheyAdd() {
    let cases: [(operation: Command.Operation, code: ErrorCode?)] = [
      (.insert(id: nil, document: one), nil),
      (.put(id: id("a"), document: one), nil),
      (.replace(id: id("a"), document: one, ifRevision: 0), .unknownCollection),
      (.delete(id: id("a"), ifRevision: 0), .unknownCollection),
      (.dropCollection, .unknownCollection),
      (.kvPut(key: [1], value: []), nil),
      (.kvPutIf(key: [1], value: [], expectedRevision: 0), nil),
      (.kvPutIf(key: [1], value: [], expectedRevision: 1), .revisionConflict),
      (.kvIncrement(key: [1], by: 1), nil),
    ]
    for (operation, code) in cases {
      var fixture = StoreFixture()

      let reply = fixture.apply(operation)

      XCTAssertEqual(reply.code, code, "\(operation)")
      XCTAssertEqual(
        fixture.ask(.listCollections(database: "default")),
        .names(code == nil ? ["things"] : []),
        "\(operation)"
      )
      XCTAssertEqual(
        fixture.changes.map(\.kind),
        code == nil ? [.createCollection, .insert] : [],
        "\(operation)"
      )
    }
  }
}
