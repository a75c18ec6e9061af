import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// Creating, dropping and listing collections.
final class CollectionTests: XCTestCase {
  func test_create_whenItExists_fails() {
    var fixture = StoreFixture()

    XCTAssertEqual(fixture.apply(.createCollection), .changed(revision: 1))
    XCTAssertEqual(fixture.apply(.createCollection).code, .collectionExists)
  }

  func test_drop_removesAllItHeld() {
    var fixture = StoreFixture()
    fixture.apply(.put(id: id("a"), document: document("{}")))

    XCTAssertEqual(fixture.apply(.dropCollection), .changed(revision: 2))
    XCTAssertEqual(fixture.changes.map(\.kind), [.dropCollection])
    XCTAssertEqual(fixture.ask(.get(things, id: id("a"))).code, .unknownCollection)
    XCTAssertEqual(fixture.apply(.dropCollection).code, .unknownCollection)
    fixture.apply(.kvPut(key: [1], value: []))
    XCTAssertEqual(
      fixture.ask(.count(things, .all)),
      .count(1, atRevision: 4),
      "the name may come back as another kind"
    )
  }

  func test_drop_freesWhatItHeld() throws {
    var fixture = StoreFixture()
    for number in 0..<500 {
      fixture.apply(.kvPut(key: utf8("\(number)"), value: [UInt8](repeating: 0, count: 100)))
    }
    XCTAssertEqual(fixture.store.collections.count, 1)

    fixture.apply(.dropCollection)

    XCTAssertEqual(fixture.store.collections.count, 0)
    XCTAssertEqual(fixture.store.slots.count, 0)
  }

  func test_lists_areInOrderOfBytes() {
    var fixture = StoreFixture()
    for name in ["b", "a", "é", "z", "ab", "B", "e\u{301}"] {
      fixture.apply(.createCollection, in: name)
    }
    fixture.apply(.createCollection, in: "x", database: "other")
    fixture.apply(.createCollection, in: "x", database: "default2")
    fixture.apply(.dropCollection, in: "ab")

    XCTAssertEqual(
      fixture.ask(.listCollections(database: "default")),
      .names(["B", "a", "b", "e\u{301}", "z", "é"])
    )
    XCTAssertEqual(fixture.ask(.listCollections(database: "none")), .names([]))
    XCTAssertEqual(fixture.ask(.listDatabases), .names(["default", "default2", "other"]))
  }

  func test_names_thatDifferOnlyInBytes_areTwoCollections() {
    var fixture = StoreFixture()
    fixture.apply(.kvPut(key: [1], value: utf8("composed")), in: "é")
    fixture.apply(.kvPut(key: [1], value: utf8("decomposed")), in: "e\u{301}")

    for (name, value) in [("é", "composed"), ("e\u{301}", "decomposed")] {
      guard case .item(let item?) = fixture.ask(.kvGet(Place(collection: name), key: [1])) else {
        return XCTFail(name)
      }
      XCTAssertEqual(item.bytes, Bytes(utf8(value)))
    }
  }

  func test_databases_whenCollectionsComeAndGo_areThoseThatHaveSome() throws {
    var (fixture, random) = (StoreFixture(), RandomSource(seed: 5))
    var held: [String: Set<Int>] = [:]
    for step in 0..<1_500 {
      let database = ["a", "b", "ab", "é", "z"][random.number(below: 5)]
      let collection = random.number(below: 3)
      if random.chance(percent: 50) {
        fixture.apply(.createCollection, in: "\(collection)", database: database)
        held[database, default: []].insert(collection)
      } else {
        fixture.apply(.dropCollection, in: "\(collection)", database: database)
        held[database, default: []].remove(collection)
      }
      let expected = ["a", "ab", "b", "z", "é"].filter { held[$0]?.isEmpty == false }
      XCTAssertEqual(fixture.ask(.listDatabases), .names(expected), "step \(step)")
      guard step % 100 == 0 else { continue }
      var (image, builder) = (fixture.store.freeze(), DocumentStoreBuilder())
      while let piece = image.nextPiece(sizeAim: 100) { try builder.take(Bytes(piece)) }
      fixture.store.adopt(try builder.finish())
    }
  }

  func test_collections_pastTheirLimit_areRefused() {
    var fixture = StoreFixture()
    for number in 0..<DocumentStore.collectionsMax - 1 {
      fixture.apply(.createCollection, in: "\(number)")
    }

    XCTAssertNil(fixture.apply(.kvPut(key: [1], value: []), in: "last").code)
    XCTAssertEqual(fixture.apply(.createCollection, in: "more").code, .limitExceeded)
    XCTAssertEqual(fixture.apply(.kvPut(key: [1], value: []), in: "more").code, .limitExceeded)
    fixture.apply(.dropCollection, in: "7")
    XCTAssertNil(fixture.apply(.kvPut(key: [1], value: []), in: "more").code)
  }
}
