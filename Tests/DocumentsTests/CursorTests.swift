import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// How long and how many frozen states are held.
final class CursorTests: XCTestCase {
  private let window = ScanWindow(pageItems: 1)

  func test_cursor_whenHeldForSixtySeconds_isExpired() {
    for (waited, isHeld) in [(59_999_999, true), (60_000_000, false), (60_000_001, false)] {
      var fixture = Self.filled()
      let cursor = fixture.page(.kvRange(things, .all, window)).cursor

      fixture.nowMicroseconds += UInt64(waited)
      let reply = fixture.ask(.next(cursor: cursor))

      XCTAssertEqual(reply.code, isHeld ? nil : .cursorExpired, "\(waited)")
      XCTAssertEqual(fixture.store.cursors.count, isHeld ? 1 : 0, "\(waited)")
    }
  }

  func test_cursor_whenItsPagesAreTaken_livesNoLonger() {
    var fixture = Self.filled()
    var page = fixture.page(.kvRange(things, .all, window))

    fixture.nowMicroseconds += 59_000_000
    page = fixture.page(.next(cursor: page.cursor))
    fixture.nowMicroseconds += 1_000_000

    XCTAssertEqual(fixture.ask(.next(cursor: page.cursor)).code, .cursorExpired)
  }

  func test_cursor_whenAskedTwice_skipsNoPage() {
    var fixture = Self.filled()
    let first = fixture.page(.kvRange(things, .all, window))
    let second = fixture.page(.next(cursor: first.cursor))

    XCTAssertEqual(second.entries.map(\.key), [[1]])
    XCTAssertEqual(fixture.ask(.next(cursor: first.cursor)).code, .cursorExpired)
    XCTAssertEqual(fixture.page(.next(cursor: second.cursor)).entries.map(\.key), [[2]])
  }

  func test_cursor_whenClosed_isGone() {
    var fixture = Self.filled()
    let cursor = fixture.page(.kvRange(things, .all, window)).cursor

    XCTAssertEqual(fixture.ask(.closeCursor(cursor)), .closed)
    XCTAssertEqual(fixture.ask(.closeCursor(cursor)), .closed)
    XCTAssertEqual(fixture.ask(.next(cursor: cursor)).code, .cursorExpired)
    XCTAssertEqual(fixture.ask(.next(cursor: 0)).code, .cursorExpired)
  }

  func test_cursors_whenThereIsOneTooMany_itIsRefusedAndTheOthersGoOn() {
    var fixture = Self.filled()
    var cursors = (0..<CursorTable.cursorsMax).map { _ in
      fixture.page(.kvRange(things, .all, window)).cursor
    }
    let refused = fixture.ask(.kvRange(things, .all, window)).code
    let short = fixture.ask(.kvRange(things, .all, ScanWindow())).code
    for place in cursors.indices {
      cursors[place] = fixture.page(.next(cursor: cursors[place])).cursor
    }
    XCTAssertEqual(fixture.ask(.closeCursor(cursors[0])), .closed)

    XCTAssertEqual(refused, .overloaded)
    XCTAssertNil(short, "it is over with its first page")
    XCTAssertNil(fixture.ask(.kvRange(things, .all, window)).code, "there is room again")
  }

  func test_cursor_ofAnotherNode_findsNothing() {
    var (here, there) = (Self.filled(seed: 1), Self.filled(seed: 2))
    let cursors = (0..<100).map { _ in here.page(.kvRange(things, .all, window)).cursor }
    for _ in 0..<100 { _ = there.page(.kvRange(things, .all, window)) }

    for cursor in cursors {
      XCTAssertEqual(there.ask(.next(cursor: cursor)).code, .cursorExpired)
    }
  }

  func test_cursor_whenExpired_freesWhatItHeld() {
    var fixture = Self.filled()
    _ = fixture.page(.kvRange(things, .all, window))
    fixture.apply(.dropCollection)
    XCTAssertEqual(fixture.store.cursors.count, 1, "the scan holds it")

    fixture.nowMicroseconds += 60_000_000
    fixture.store.tick(
      Reading(monotonicMicroseconds: fixture.nowMicroseconds, wallMilliseconds: 0)
    )

    XCTAssertEqual(fixture.store.cursors.count, 0)
  }

  private static func filled(seed: UInt64 = 1) -> StoreFixture {
    var fixture = StoreFixture()
    fixture.store = DocumentStore(cursorSeed: seed)
    for key in 0..<5 as Range<UInt8> {
      fixture.apply(.kvPut(key: [key], value: [key]))
    }
    return fixture
  }
}
