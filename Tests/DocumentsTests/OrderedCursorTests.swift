import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// Scans that clients begin in the log: all nodes give them the same names.
final class OrderedCursorTests: XCTestCase {
  private let window = ScanWindow(pageItems: 1)
  private let client = ClientNumber(3)

  func test_pages_whenTheyAreOrdered_areAlikeAtNodesOfDifferentSeeds() {
    var first = filled(seed: 1)
    var second = filled(seed: 2)

    for index in [20, 21, 22] as [UInt64] {
      let question: Query.Question =
        index == 20 ? range : .next(cursor: client.owning(index - 1))
      let reply = ask(question, at: index, of: &first)
      XCTAssertEqual(ask(question, at: index, of: &second), reply)
      guard case .page(let page)? = try? QueryReply(decoding: reply) else {
        return XCTFail("a page")
      }
      XCTAssertEqual(page.entries.map(\.key), [[UInt8(index - 20)]])
      XCTAssertEqual(page.cursor, index == 22 ? 0 : client.owning(index))
    }
    XCTAssertEqual(first.orderedCursors.count, 0)
  }

  func test_cursor_whenItIsAnotherClients_isNotFound() throws {
    var store = filled(seed: 1)
    _ = ask(range, at: 20, of: &store)

    let reply = store.answer(
      query(.next(cursor: client.owning(20))),
      at: place(21),
      by: ClientNumber(4)
    )

    XCTAssertEqual(try QueryReply(decoding: reply).code, .cursorExpired)
    XCTAssertEqual(store.orderedCursors.count, 1)
  }

  func test_client_whoBeginsScanAfterScan_leavesOthersTheirs() throws {
    var store = filled(seed: 1)
    let modest = ClientNumber(4)
    _ = store.answer(query(range), at: place(20), by: modest)

    let last = 20 + UInt64(CursorTable.cursorsMax)
    for index in 21...last { _ = ask(range, at: index, of: &store) }
    let own = ask(.next(cursor: client.owning(last)), at: last + 1, of: &store)
    let reply = store.answer(
      query(.next(cursor: modest.owning(20))),
      at: place(last + 2),
      by: modest
    )

    XCTAssertEqual(store.orderedCursors.count, CursorTable.cursorsMax / 8 + 1)
    XCTAssertNil(try QueryReply(decoding: own).code)
    XCTAssertNil(try QueryReply(decoding: reply).code)
  }

  func test_cursor_whenTheNodesOwnTimePasses_isHeldUntilLogTimeDoes() throws {
    var store = filled(seed: 1)
    _ = ask(range, at: 20, of: &store)
    store.tick(Reading(monotonicMicroseconds: 1 << 50, wallMilliseconds: 0))

    let held = store.orderedCursors.count
    let late = LogPlace(
      index: LogIndex(21),
      logTimeMicroseconds: 20 + 60_000_000,
      wallMilliseconds: 0
    )
    let reply = store.answer(query(.next(cursor: client.owning(20))), at: late, by: client)

    XCTAssertEqual(held, 1)
    XCTAssertEqual(try QueryReply(decoding: reply).code, .cursorExpired)
  }

  func test_scan_whenNobodyOrdersAQueryAnyMore_isLetGoOfByWhatIsApplied() {
    var store = filled(seed: 1)
    _ = ask(range, at: 20, of: &store)
    let command = Command(principal: 0, place: things, operation: .kvPut(key: [7], value: [7]))
    let held = [59_999_999, 60_000_000].map { (waited: UInt64) in
      let late = LogPlace(
        index: LogIndex(20 + waited),
        logTimeMicroseconds: 20 + waited,
        wallMilliseconds: 0
      )
      _ = store.apply(Bytes(command.encoded()), at: late)
      return store.orderedCursors.count
    }

    XCTAssertEqual(held, [1, 0])
  }

  func test_image_whenOthersAreTaken_staysAndTheThirdIsRefused() throws {
    var store = filled(seed: 1)
    func ask(_ client: UInt16, _ index: UInt64, _ store: inout DocumentStore) throws -> ErrorCode? {
      let reply = store.answer(query(.image), at: place(index), by: ClientNumber(client))
      return try QueryReply(decoding: reply).code
    }
    let value = [UInt8](repeating: 7, count: 2 * Limits.pieceSizeAim)
    let command = Command(principal: 0, place: things, operation: .kvPut(key: [9], value: value))
    _ = store.apply(Bytes(command.encoded()), at: place(10))
    let more = Command(principal: 0, place: things, operation: .kvPut(key: [10], value: value))
    _ = store.apply(Bytes(more.encoded()), at: place(11))

    XCTAssertNil(try ask(3, 20, &store))
    XCTAssertNil(try ask(4, 21, &store))
    XCTAssertEqual(try ask(5, 22, &store), .overloaded)
    XCTAssertNil(try ask(3, 23, &store), "its own makes room")
    XCTAssertEqual(try ask(5, 24, &store), .overloaded)
    let reply = store.answer(
      query(.next(cursor: ClientNumber(4).owning(21))),
      at: place(25),
      by: ClientNumber(4)
    )
    XCTAssertNil(try QueryReply(decoding: reply).code)
  }

  private var range: Query.Question { .kvRange(things, .all, window) }
  private let things = Place(database: "default", collection: "things")

  private func ask(_ question: Query.Question, at index: UInt64, of store: inout DocumentStore)
    -> [UInt8]
  {
    store.answer(query(question), at: place(index), by: client)
  }

  private func query(_ question: Query.Question) -> [UInt8] {
    Query(question).encoded()
  }

  private func place(_ index: UInt64) -> LogPlace {
    LogPlace(index: LogIndex(index), logTimeMicroseconds: index, wallMilliseconds: 0)
  }

  private func filled(seed: UInt64) -> DocumentStore {
    var store = DocumentStore(cursorSeed: seed)
    for key in 0..<3 as Range<UInt8> {
      let command = Command(
        principal: 0,
        place: things,
        operation: .kvPut(key: [key], value: [key])
      )
      _ = store.apply(Bytes(command.encoded()), at: place(UInt64(key) + 1))
    }
    return store
  }
}
