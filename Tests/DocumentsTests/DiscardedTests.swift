import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// What takes long to free is handed over, where somebody takes it.
final class DiscardedTests: XCTestCase {
  private let window = ScanWindow(pageItems: 1)
  private var scan: Query.Question { .kvRange(things, .all, window) }

  func test_collection_whenItIsLargeAndDropped_isHandedOver() throws {
    var fixture = filled(2_000, handsOver: true)
    fixture.apply(.kvPut(key: [1], value: [1]), in: "small")

    fixture.apply(.dropCollection)
    fixture.apply(.dropCollection, in: "small")
    let taken = fixture.store.takeDiscarded()

    XCTAssertEqual(taken.count, 1)
    XCTAssertEqual(try XCTUnwrap(taken.first as? OrderedMap<Item>).count, 2_000)
    XCTAssertTrue(fixture.store.takeDiscarded().isEmpty)
  }

  func test_scans_whenTheyAreOver_areHandedOver() throws {
    let ways: [(String, (inout StoreFixture, UInt64) -> Void)] = [
      ("closed", { _ = $0.ask(.closeCursor($1)) }),
      ("expired", { fixture, _ in fixture.store.tick(Self.reading(100_000_000)) }),
      (
        "read to its end",
        { fixture, cursor in
          var next = cursor
          while next != 0 { next = fixture.page(.next(cursor: next)).cursor }
        }
      ),
    ]
    for (name, end) in ways {
      var fixture = filled(2_000, handsOver: true)
      for key: UInt8 in 1...3 { fixture.apply(.kvPut(key: [key], value: [1]), in: "small") }
      let cursor = fixture.page(scan).cursor
      XCTAssertTrue(fixture.store.takeDiscarded().isEmpty, name)

      end(&fixture, cursor)

      XCTAssertEqual(fixture.store.takeDiscarded().count { $0 is Scan }, 1, name)
    }
  }

  func test_image_whenItIsClosed_isHandedOver() throws {
    var fixture = filled(2_000, handsOver: true, valueSize: 200)
    guard case .piece(let piece) = fixture.ask(.image) else { return XCTFail("a piece") }

    _ = fixture.ask(.closeCursor(piece.cursor))

    XCTAssertEqual(fixture.store.takeDiscarded().count { $0 is DocumentStoreImage }, 1)
  }

  func test_collection_whenNobodyTakesWhatIsDropped_isFreedAtOnce() {
    var fixture = filled(2_000, handsOver: false)
    _ = fixture.page(scan)

    fixture.apply(.dropCollection)
    fixture.store.tick(Self.reading(100_000_000))

    XCTAssertTrue(fixture.store.takeDiscarded().isEmpty)
  }

  func test_store_whenItGoesOnFromAnotherState_handsOverAsBefore() throws {
    var fixture = filled(2_000, handsOver: true)
    var (image, builder) = (fixture.store.freeze(), DocumentStoreBuilder())
    while let piece = image.nextPiece(sizeAim: 1 << 16) { try builder.take(Bytes(piece)) }

    fixture.store.adopt(try builder.finish())
    fixture.apply(.dropCollection)

    XCTAssertEqual(fixture.store.takeDiscarded().count, 1)
  }

  private static func reading(_ microseconds: UInt64) -> Reading {
    Reading(monotonicMicroseconds: microseconds, wallMilliseconds: 0)
  }

  private func filled(_ count: Int, handsOver: Bool, valueSize: Int = 1) -> StoreFixture {
    var fixture = StoreFixture()
    fixture.store = DocumentStore(cursorSeed: 1, handsOver: handsOver)
    for number in 0..<count {
      let value = [UInt8](repeating: 1, count: valueSize)
      fixture.apply(.kvPut(key: [UInt8(number >> 8), UInt8(number & 255)], value: value))
    }
    return fixture
  }
}
