import ClientProtocol
import Consensus
import Documents
import Wire
import XCTest

final class CursorRepeatTests: XCTestCase {
  func test_scan_whenAPageIsAskedForTwice_skipsNone() throws {
    var store = DocumentStore()
    let place = Place(collection: "kv")
    for number in 0..<9 {
      let key = Array("k\(number)".utf8)
      let command = Command(place: place, operation: .kvPut(key: key, value: key))
      let index = LogIndex(UInt64(number + 1))
      _ = store.apply(
        command.encoded(),
        at: LogPlace(index: index, logTimeMicroseconds: 0, wallMilliseconds: 0)
      )
    }
    let first = try page(.kvRange(place, .all, ScanWindow(pageItems: 3)), of: &store)
    let second = try page(.next(cursor: first.cursor), of: &store)

    let repeated = try answer(.next(cursor: first.cursor), of: &store)
    let third = try page(.next(cursor: second.cursor), of: &store)

    guard case .failed(let failure) = repeated else { return XCTFail("\(repeated)") }
    XCTAssertEqual(failure.code, .cursorExpired)
    XCTAssertEqual(third.entries.map(\.key), (6..<9).map { Array("k\($0)".utf8) })
    XCTAssertEqual(third.cursor, 0)
  }

  private func page(
    _ question: Query.Question,
    of store: inout DocumentStore
  ) throws -> QueryReply.Page {
    guard case .page(let page) = try answer(question, of: &store) else {
      throw WireError.badValue("page", offset: 0)
    }
    return page
  }

  private func answer(
    _ question: Query.Question,
    of store: inout DocumentStore
  ) throws -> QueryReply {
    let now = Reading(monotonicMicroseconds: 1, wallMilliseconds: 1)
    return try QueryReply(decoding: store.answer(Query(question).encoded(), now: now))
  }
}
