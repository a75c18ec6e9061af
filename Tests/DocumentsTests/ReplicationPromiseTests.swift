import BSON
import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// What replication builds on: equal commands give equal states, failures change nothing, and no
/// bytes stop the store.
final class ReplicationPromiseTests: XCTestCase {
  func test_stores_givenTheSameCommands_agreeInEverything() {
    for seed in 1...3 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (first, second) = (StoreFixture(), StoreFixture())
      for step in 0..<1_500 {
        let command = RandomCommands.command(&random).encoded()
        // Reads, scans and copies of one node must not show at the other.
        if step % 7 == 0 {
          _ = first.ask(.kvRange(Place(collection: "k1"), .all, ScanWindow(pageItems: 1)))
        }
        let copy = step % 11 == 0 ? first.store : nil

        XCTAssertEqual(first.apply(bytes: command), second.apply(bytes: command))
        XCTAssertEqual(first.changes, second.changes)
        XCTAssertEqual(first.store.resultDigest, second.store.resultDigest, "seed \(seed)")
        if step % 50 == 0 {
          XCTAssertEqual(first.store.stateDigest(), second.store.stateDigest(), "seed \(seed)")
        }
        _ = copy
      }
      XCTAssertEqual(first.store.stateDigest(), second.store.stateDigest(), "seed \(seed)")
    }
  }

  func test_digest_showsWhateverIsReplicated() {
    let base: [Command] = [
      Command(place: things, operation: .put(id: id("a"), document: document(#"{"n": 1}"#))),
      Command(place: things, operation: .put(id: id("b"), document: document(#"{"n": 1}"#))),
    ]
    let variants: [(name: String, commands: [Command])] = [
      ("as it is", base), ("empty", []), ("one less", [base[0]]), ("order", base.reversed()),
      (
        "a byte of a document",
        [base[0], Command(place: things, operation: Self.put("b", #"{"n": 2}"#))]
      ),
      ("an id", [base[0], Command(place: things, operation: Self.put("c", #"{"n": 1}"#))]),
      ("form of an id", [Self.put(.int32(1))]), ("form of an id", [Self.put(.double(1))]),
      ("a name", base.map { Command(place: Place(collection: "x"), operation: $0.operation) }),
      (
        "a database",
        base.map {
          Command(place: Place(database: "x", collection: "things"), operation: $0.operation)
        }
      ),
      ("a failure", base + [Command(place: things, operation: .createCollection)]),
      (
        "an empty collection",
        base + [Command(place: Place(collection: "x"), operation: .createCollection)]
      ),
      (
        "kind",
        base + [Command(place: Place(collection: "x"), operation: .kvPut(key: [1], value: []))]
      ),
    ]
    var digests: [UInt64] = []
    for (name, commands) in variants {
      var fixture = StoreFixture()
      for command in commands { fixture.apply(bytes: command.encoded()) }

      let digest = fixture.store.stateDigest()

      XCTAssertFalse(digests.contains(digest), name)
      digests.append(digest)
    }
  }

  func test_resultDigest_showsEveryChangeAndNothingElse() {
    let put = Command(place: things, operation: Self.put("a", #"{"n": 1}"#))
    let value = Command(place: Place(collection: "k"), operation: .kvPut(key: [1], value: [2]))
    let ends: [(name: String, end: Command?)] = [
      ("nothing more", nil), ("another write", put),
      ("another document", Command(place: things, operation: Self.put("a", #"{"n": 2}"#))),
      ("another id", Command(place: things, operation: Self.put("b", #"{"n": 1}"#))),
      ("a delete", Command(place: things, operation: .delete(id: id("a"), ifRevision: 0))),
      ("a value", value),
      ("a collection", Command(place: Place(collection: "x"), operation: .createCollection)),
      ("a drop", Command(place: things, operation: .dropCollection)),
      (
        "a number",
        Command(place: Place(collection: "k"), operation: .kvIncrement(key: [9], by: 2))
      ),
    ]
    var digests: [UInt64] = []
    for (name, end) in ends {
      var fixture = StoreFixture()
      for command in [put, value] + (end.map { [$0] } ?? []) {
        fixture.apply(bytes: command.encoded())
      }

      let digest = fixture.store.resultDigest

      XCTAssertFalse(digests.contains(digest), name)
      digests.append(digest)
    }
    var fixture = StoreFixture()
    for command in [put, value, Command(place: things, operation: .createCollection)] {
      fixture.apply(bytes: command.encoded())
    }

    XCTAssertEqual(fixture.store.resultDigest, digests[0], "a command that fails")
  }

  func test_digest_afterADrop_forgetsTheSlot() {
    var (first, second) = (StoreFixture(), StoreFixture())
    first.apply(.createCollection, in: "gone")
    second.apply(.createCollection, in: "kept")
    first.apply(.dropCollection, in: "gone")
    second.apply(.dropCollection, in: "kept")
    first.apply(.createCollection, in: "a")
    second.apply(.createCollection, in: "a")

    XCTAssertEqual(first.store.stateDigest(), second.store.stateDigest())
  }

  /// 10,000 damaged commands and queries: nothing traps, and what fails changes nothing.
  func test_damagedBytes_neverTrapAndChangeNothingWhenTheyFail() {
    var random = RandomSource(seed: 8)
    var fixture = Self.filled(&random)
    var failures = 0
    for _ in 0..<10_000 {
      let command = Self.damage(RandomCommands.command(&random).encoded(), &random)
      let query = Self.damage(Self.randomQuery(&random).encoded(), &random)
      var without = fixture
      without.apply(bytes: [])
      let objection = fixture.store.objection(to: Bytes(command))

      let reply = fixture.apply(bytes: command)
      _ = fixture.ask(bytes: query)

      if let objection { XCTAssertEqual(try CommandReply(decoding: objection), reply) }
      guard reply.code != nil else { continue }
      failures += 1
      XCTAssertEqual(fixture.changes, [])
      if failures % 20 == 0 {
        XCTAssertEqual(fixture.store.stateDigest(), without.store.stateDigest())
      }
    }
    XCTAssertGreaterThan(failures, 3_000, "the damage is felt")
    XCTAssertLessThan(failures, 9_500, "and not always at the first byte")
  }

  /// Whatever the bits of a number, a date or a length: an id is found again or refused.
  func test_ids_ofRandomBytes_areRefusedOrFoundAgain() {
    var random = RandomSource(seed: 9)
    var fixture = StoreFixture()
    fixture.apply(.createCollection)
    var accepted = 0
    for step in 0..<10_000 {
      let type = BSONType.allCases[step % BSONType.allCases.count]
      let size = [0, 1, 4, 8, 12, 16, 5, 20][random.number(below: 8)]
      let isSparse = random.chance(percent: 30)
      let bytes = (0..<size).map { _ in
        isSparse && random.chance(percent: 70) ? 0 : UInt8(truncatingIfNeeded: random.next())
      }
      let id = [type.rawValue] + bytes

      let reply = fixture.apply(.put(id: id, document: document("{}")))

      guard case .written(_, _, let held) = reply else {
        XCTAssertEqual(reply.code, .invalidID)
        continue
      }
      accepted += 1
      XCTAssertEqual(
        fixture.ask(.get(things, id: held)),
        .item(QueryReply.Item(revision: fixture.index, bytes: document("{}")))
      )
    }
    XCTAssertGreaterThan(accepted, 500)
  }

  func test_changes_sayWhatThereWasAndIs() {
    var fixture = StoreFixture()
    let (one, two) = (document(#"{"n": 1}"#), document(#"{"n": 2}"#))
    let steps: [(operation: Command.Operation, changes: [(Change.Kind, [UInt8]?, [UInt8]?)])] = [
      (Self.put("a", #"{"n": 1}"#), [(.createCollection, nil, nil), (.insert, nil, one)]),
      (Self.put("a", #"{"n": 2}"#), [(.replace, one, two)]),
      (.replace(id: id("a"), document: one, ifRevision: 2), [(.replace, two, one)]),
      (.replace(id: id("a"), document: one, ifRevision: 2), []),
      (.delete(id: id("a"), ifRevision: 0), [(.delete, one, nil)]),
      (.delete(id: id("a"), ifRevision: 0), []),
      (.insert(id: id("a"), document: two), [(.insert, nil, two)]),
      (.createCollection, []), (.dropCollection, [(.dropCollection, nil, nil)]),
      (
        .kvIncrement(key: id("a"), by: 5),
        [(.createCollection, nil, nil), (.insert, nil, utf8("5"))]
      ),
      (.kvIncrement(key: id("a"), by: -7), [(.replace, utf8("5"), utf8("-2"))]),
      (.kvPut(key: id("a"), value: []), [(.replace, utf8("-2"), [])]),
      (.kvPutIf(key: id("a"), value: [1], expectedRevision: 12), [(.replace, [], [1])]),
      (.kvDelete(key: id("a"), ifRevision: 0), [(.delete, [1], nil)]),
    ]
    for (operation, expected) in steps {
      fixture.apply(operation)

      let changes = expected.enumerated().map { ordinal, change in
        let isOfCollection = change.1 == nil && change.2 == nil
        return Change(
          revision: fixture.index,
          ordinal: UInt32(ordinal),
          kind: change.0,
          place: things,
          id: isOfCollection ? [] : Bytes(id("a")),
          old: change.1.map { Bytes($0) },
          new: change.2.map { Bytes($0) }
        )
      }
      XCTAssertEqual(fixture.changes, changes, "\(operation)")
    }
  }

  // MARK: Commands at random

  private static func put(_ name: String, _ json: String) -> Command.Operation {
    .put(id: id(name), document: document(json))
  }

  private static func put(_ value: BSONValue) -> Command {
    Command(place: things, operation: .put(id: id(value), document: document("{}")))
  }

  private static func filled(_ random: inout RandomSource) -> StoreFixture {
    var fixture = StoreFixture()
    for _ in 0..<200 { fixture.apply(bytes: RandomCommands.command(&random).encoded()) }
    return fixture
  }

  private static func randomQuery(_ random: inout RandomSource) -> Query {
    let place = RandomCommands.place(&random)
    let name = "\(random.number(below: 30))"
    let bound = KeyRange.Bound(id(name), isIncluded: random.chance(percent: 50))
    let range: KeyRange =
      [.all, .prefix(utf8(name)), .between(bound, nil), .between(nil, bound)][
        random.number(below: 4)
      ]
    let window = ScanWindow(
      isReversed: random.chance(percent: 50),
      limit: UInt64(random.number(below: 5)),
      pageItems: UInt32(random.number(below: 5))
    )
    let questions: [Query.Question] = [
      .get(place, id: id(name)), .scan(place, range, window), .next(cursor: random.next()),
      .closeCursor(random.next()), .count(place, range), .listCollections(database: "default"),
      .listDatabases, .image, .kvGet(place, key: utf8(name)), .kvRange(place, range, window),
    ]
    return Query(questions[random.number(below: questions.count)])
  }

  private static func damage(_ bytes: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.number(below: 4) where !bytes.isEmpty {
      // Mostly behind version and principal, where the rest is read.
      let head = random.oneIn(10) ? 0 : min(10, bytes.count - 1)
      let index = head + random.number(below: bytes.count - head)
      switch random.number(below: 6) {
      case 0: bytes[index] ^= 1 << UInt8(random.number(below: 8))
      case 1: bytes[index] = [0, 1, 4, 11, 0x24, 0x7F, 0x80, 0xFF][random.number(below: 8)]
      case 2: bytes.remove(at: index)
      case 3: bytes.insert(UInt8(random.number(below: 256)), at: index)
      case 4: bytes.removeSubrange(index...)
      default: bytes += bytes[index...]
      }
    }
    return bytes
  }
}
