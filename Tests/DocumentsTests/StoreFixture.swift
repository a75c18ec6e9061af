import BSON
import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// A store at the end of a log of its own: each command gets the next index.
struct StoreFixture {
  var store = DocumentStore(cursorSeed: 7)
  private(set) var index: UInt64 = 0
  var nowMicroseconds: UInt64 = 1_000
  private(set) var changes: [Change] = []

  /// Applies bytes as they are; replies and changes keep their promises whatever the bytes.
  @discardableResult
  mutating func apply(bytes: [UInt8]) -> CommandReply {
    index += 1
    let place = LogPlace(
      index: LogIndex(index),
      logTimeMicroseconds: index,
      wallMilliseconds: 1_700_000_000_000 + index
    )
    let bytesOfReply = store.apply(Bytes(bytes), at: place).array
    changes = store.changes
    XCTAssertLessThanOrEqual(bytesOfReply.count, 4_080, "the session keeps replies of this size")
    XCTAssertEqual(changes.map(\.ordinal), (0..<UInt32(changes.count)).map { $0 })
    XCTAssertTrue(changes.allSatisfy { $0.revision == index })
    guard let reply = try? CommandReply(decoding: bytesOfReply) else {
      XCTFail("a reply can be read")
      return .changed(revision: 0)
    }
    return reply
  }

  @discardableResult
  mutating func apply(
    _ operation: Command.Operation,
    in collection: String = "things",
    database: String = "default",
    principal: UInt64 = 0
  ) -> CommandReply {
    let place = Place(database: database, collection: collection)
    let command = Command(principal: principal, place: place, operation: operation)
    let bytes = command.encoded()
    let objection = store.objection(to: Bytes(bytes))
    let reply = apply(bytes: bytes)
    if let objection {
      XCTAssertEqual(try? CommandReply(decoding: objection), reply, "submit and apply agree")
    }
    return reply
  }

  mutating func ask(bytes: [UInt8]) -> QueryReply {
    let now = Reading(monotonicMicroseconds: nowMicroseconds, wallMilliseconds: 0)
    guard let reply = try? QueryReply(decoding: store.answer(bytes, now: now)) else {
      XCTFail("an answer can be read")
      return .closed
    }
    return reply
  }

  mutating func ask(_ question: Query.Question, principal: UInt64 = 0) -> QueryReply {
    ask(bytes: Query(principal: principal, question).encoded())
  }

  /// The page of a scan; fails the test if it is something else.
  mutating func page(
    _ question: Query.Question,
    file: StaticString = #filePath,
    line: UInt = #line
  ) -> QueryReply.Page {
    guard case .page(let page) = ask(question) else {
      XCTFail("not a page", file: file, line: line)
      return QueryReply.Page(atRevision: 0, cursor: 0, entries: [])
    }
    return page
  }

  /// All entries of a scan, and how many pages they took.
  mutating func scan(_ question: Query.Question) -> (entries: [QueryReply.Entry], pages: Int) {
    var page = page(question)
    var (entries, pages) = (page.entries, 1)
    while page.cursor != 0 {
      page = self.page(.next(cursor: page.cursor))
      entries += page.entries
      pages += 1
    }
    return (entries, pages)
  }
}

extension CommandReply {
  /// The error code, where the command failed.
  var code: ErrorCode? {
    guard case .failed(let failure) = self else { return nil }
    return failure.code
  }

  /// The revision that stood in the way.
  var currentRevision: UInt64? {
    guard case .failed(let failure) = self else { return nil }
    return failure.currentRevision
  }
}

extension QueryReply {
  /// The error code, where there is no answer.
  var code: ErrorCode? {
    guard case .failed(let failure) = self else { return nil }
    return failure.code
  }
}

/// The place that commands of the fixture go to.
let things = Place(collection: "things")

/// The bytes of a string id.
func id(_ text: String) -> [UInt8] {
  id(.string(text))
}

/// The bytes of an id.
func id(_ value: BSONValue) -> [UInt8] {
  (try? value.idBytes()) ?? []
}

/// The bytes of a document given as JSON.
func document(_ json: String) -> [UInt8] {
  (try? BSONDocument(json: json).bytes) ?? []
}

/// The bytes of a text, as keys and values have them.
func utf8(_ text: String) -> [UInt8] {
  Array(text.utf8)
}

extension OrderedMap {
  subscript(key: [UInt8]) -> Value? { self[Bytes(key)] }

  @discardableResult
  mutating func insert(_ value: Value, for key: [UInt8]) -> Value? {
    insert(value, for: Bytes(key))
  }

  @discardableResult
  mutating func remove(_ key: [UInt8]) -> Value? { remove(Bytes(key)) }
}

extension QueryReply.Item {
  init(revision: UInt64, bytes: [UInt8]) {
    self.init(revision: revision, bytes: Bytes(bytes))
  }
}
