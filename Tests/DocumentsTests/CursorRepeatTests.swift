import ClientProtocol
import Consensus
import Documents
import Wire
import XCTest

final class CursorRepeatTests: XCTestCase {
  private let place = Place(collection: "kv")

  func test_scan_whenAPageIsAskedForTwice_skipsNone() throws {
    var store = filledStore()
    let first = try page(.kvRange(place, .all, ScanWindow(pageItems: 3)), of: &store)
    let second = try page(.next(cursor: first.cursor), of: &store)

    let repeated = try answer(.next(cursor: first.cursor), of: &store)
    let third = try page(.next(cursor: second.cursor), of: &store)

    guard case .failed(let failure) = repeated else { return XCTFail("\(repeated)") }
    XCTAssertEqual(failure.code, .cursorExpired)
    XCTAssertEqual(third.entries.map(\.key), (6..<9).map { Array("k\($0)".utf8) })
    XCTAssertEqual(third.cursor, 0)
  }

  func test_cursor_whenTheNodeStartedAnew_namesNoOtherScan() throws {
    var before = filledStore(cursorSeed: 1)
    var after = filledStore(cursorSeed: 2)
    let old = try page(.kvRange(place, .all, ScanWindow(pageItems: 3)), of: &before)
    _ = try page(.kvRange(place, .all, ScanWindow(pageItems: 2)), of: &after)

    let mistaken = try answer(.next(cursor: old.cursor), of: &after)

    guard case .failed(let failure) = mistaken else { return XCTFail("\(mistaken)") }
    XCTAssertEqual(failure.code, .cursorExpired)
  }

  private func filledStore(cursorSeed: UInt64 = 0) -> DocumentStore {
    var store = DocumentStore(cursorSeed: cursorSeed)
    for number in 0..<9 {
      let key = Array("k\(number)".utf8)
      let command = Command(place: place, operation: .kvPut(key: key, value: key))
      let index = LogIndex(UInt64(number + 1))
      _ = store.apply(
        command.encoded(),
        at: LogPlace(index: index, logTimeMicroseconds: 0, wallMilliseconds: 0)
      )
    }
    return store
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
