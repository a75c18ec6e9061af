import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// A backup asks for everything, piece by piece, from one frozen state.
final class ImageQueryTests: XCTestCase {
  func test_image_whenTheStoreChangesMeanwhile_isOfItsBeginning() throws {
    var fixture = filled()
    let frozen = fixture.store.stateDigest()
    var reply = fixture.ask(.image)
    var builder = DocumentStoreBuilder()
    var count = 0

    while case .piece(let piece) = reply {
      XCTAssertEqual(piece.atRevision, 40)
      try builder.take(Bytes(piece.bytes))
      count += 1
      guard piece.cursor != 0 else { break }
      fixture.apply(.kvPut(key: [UInt8(count)], value: [9]))
      // Longer than a scan may take altogether.
      fixture.nowMicroseconds += 59_000_000
      reply = fixture.ask(.next(cursor: piece.cursor))
    }

    XCTAssertGreaterThan(count, 2)
    XCTAssertEqual(try builder.finish().stateDigest(), frozen)
    XCTAssertEqual(fixture.store.cursors.count, 0)
  }

  func test_image_whenNobodyAsksOn_isLetGoOf() {
    for (waited, isHeld) in [(59_999_999, true), (60_000_000, false)] {
      var fixture = filled()
      let cursor = cursor(of: fixture.ask(.image))

      fixture.nowMicroseconds += UInt64(waited)

      XCTAssertEqual(fixture.ask(.next(cursor: cursor)).code, isHeld ? nil : .cursorExpired)
    }
  }

  func test_image_whenClosedOrAskedTwice_isLetGoOf() {
    var fixture = filled()
    let cursors = (0..<CursorTable.imagesMax).map { _ in cursor(of: fixture.ask(.image)) }

    XCTAssertEqual(fixture.store.cursors.count, CursorTable.imagesMax)
    XCTAssertEqual(fixture.ask(.closeCursor(cursors[0])), .closed)
    XCTAssertEqual(fixture.ask(.next(cursor: cursors[0])).code, .cursorExpired)
    XCTAssertNil(fixture.ask(.next(cursor: cursors[1])).code)
    XCTAssertEqual(fixture.ask(.next(cursor: cursors[1])).code, .cursorExpired, "asked twice")
  }

  func test_image_whenTwoWereGivenUp_beginsAfterTenSeconds() {
    for (waited, code) in [(9_999_999 as UInt64, ErrorCode.overloaded), (10_000_000, nil)] {
      var fixture = filled()
      for _ in 0..<CursorTable.imagesMax { _ = fixture.ask(.image) }
      fixture.nowMicroseconds += waited

      XCTAssertEqual(fixture.ask(.image).code, code)
    }
  }

  func test_image_whenAsManyAreTaken_isRefusedUntilOneIsAnHourOld() {
    var fixture = StoreFixture()
    // As many pieces as minutes are in an hour, and some more.
    let value = [UInt8](repeating: 7, count: Limits.pieceSizeAim)
    for number in 0..<70 { fixture.apply(.kvPut(key: utf8("\(number)"), value: value)) }
    let end = fixture.nowMicroseconds + CursorTable.imageLifeMicroseconds
    var cursors = (0..<CursorTable.imagesMax).map { _ in cursor(of: fixture.ask(.image)) }
    // Nobody else's, however slow.
    while fixture.nowMicroseconds + 59_000_000 < end {
      fixture.nowMicroseconds += 59_000_000
      cursors = cursors.map { cursor(of: fixture.ask(.next(cursor: $0))) }
    }

    fixture.nowMicroseconds = end - 1
    cursors = cursors.map { cursor(of: fixture.ask(.next(cursor: $0))) }
    XCTAssertEqual(fixture.ask(.image).code, .overloaded)
    fixture.nowMicroseconds = end
    XCTAssertNil(fixture.ask(.image).code)
    XCTAssertEqual(fixture.ask(.next(cursor: cursors[0])).code, .cursorExpired)
    XCTAssertNil(fixture.ask(.next(cursor: cursors[1])).code)
  }

  private func cursor(of reply: QueryReply) -> UInt64 {
    QueryReply.cursor(ofEncoded: reply.encoded())
  }

  private func filled() -> StoreFixture {
    var fixture = StoreFixture()
    for number in 0..<40 {
      let value = [UInt8](repeating: UInt8(number), count: 20_000)
      fixture.apply(.kvPut(key: utf8("\(number)"), value: value))
    }
    return fixture
  }
}
