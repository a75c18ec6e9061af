import ClientProtocol
import Consensus
import Wire
import XCTest

@testable import Documents

/// A store that is frozen, written out and read back is the same store.
final class StoreImageTests: XCTestCase {
  func test_image_atARandomMoment_givesAStoreThatGoesOnAlike() throws {
    for seed in 1...12 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var original = StoreFixture()
      for _ in 0..<random.number(below: 600) {
        original.apply(bytes: RandomCommands.command(&random).encoded())
      }
      let image = original.store.freeze()
      let frozen = (original.store.stateDigest(), original.store.resultDigest)
      var copy = original
      let commands = (0..<300).map { _ in RandomCommands.command(&random).encoded() }
      let replies = commands.map { original.apply(bytes: $0) }

      let pieces = pieces(of: image, sizeAim: [1, 200, 262_144][random.number(below: 3)])
      copy.store.adopt(try store(of: pieces))

      XCTAssertEqual(copy.store.stateDigest(), frozen.0, "seed \(seed)")
      XCTAssertEqual(copy.store.resultDigest, frozen.1, "seed \(seed)")
      XCTAssertEqual(commands.map { copy.apply(bytes: $0) }, replies, "seed \(seed)")
      XCTAssertEqual(copy.store.stateDigest(), original.store.stateDigest(), "seed \(seed)")
      XCTAssertEqual(copy.store.resultDigest, original.store.resultDigest, "seed \(seed)")
      XCTAssertEqual(
        self.pieces(of: copy.store.freeze(), sizeAim: 100),
        self.pieces(of: original.store.freeze(), sizeAim: 100),
        "equal states give equal pieces"
      )
    }
  }

  func test_image_ofNothing_isOnePiece() throws {
    let pieces = pieces(of: DocumentStore(cursorSeed: 1).freeze(), sizeAim: 1_000)

    XCTAssertEqual(pieces.count, 1)
    XCTAssertEqual(try store(of: pieces).slots.count, 0)
  }

  func test_pieces_areAsLargeAsTheyShouldBe() throws {
    var fixture = StoreFixture()
    for number in 0..<50 {
      let value = [UInt8](repeating: 7, count: number == 30 ? Limits.documentSizeMax : 20_000)
      fixture.apply(.kvPut(key: utf8("\(number)"), value: value))
    }

    let pieces = pieces(of: fixture.store.freeze(), sizeAim: 262_144)

    XCTAssertEqual(pieces.count, 4)
    XCTAssertTrue(pieces.allSatisfy { $0.count < 262_144 + Limits.documentSizeMax + 2_048 })
    XCTAssertTrue(pieces.dropLast().allSatisfy { $0.count >= 262_144 })
    XCTAssertEqual(try store(of: pieces).stateDigest(), fixture.store.stateDigest())
  }

  func test_scans_whenAnotherStateIsAdopted_goOnFromTheirOwn() throws {
    var fixture = StoreFixture()
    for number in 0..<9 { fixture.apply(.kvPut(key: utf8("\(number)"), value: [1])) }
    let page = fixture.page(.kvRange(things, .all, ScanWindow(pageItems: 4)))
    var other = StoreFixture()
    other.apply(.createCollection)

    fixture.store.adopt(try store(of: pieces(of: other.store.freeze(), sizeAim: 100)))

    XCTAssertEqual(fixture.page(.next(cursor: page.cursor)).entries.count, 4)
    XCTAssertEqual(fixture.store.stateDigest(), other.store.stateDigest())
  }

  /// Every byte changed, every cut, every piece missing or twice: an error, or the same store.
  func test_image_whenDamaged_isRefused() throws {
    let pieces = pieces(of: Self.smallStore().freeze(), sizeAim: 40)
    var refusals = 0
    for (index, piece) in pieces.enumerated() {
      var damaged: [[UInt8]] = piece.indices.map { Array(piece[..<$0]) }
      for place in piece.indices {
        for change in [1, 0x80, 0xFF] as [UInt8] {
          var bytes = piece
          bytes[place] ^= change
          damaged.append(bytes)
        }
      }
      damaged.append(piece + [0])
      for bytes in damaged {
        var all = pieces
        all[index] = bytes

        XCTAssertThrowsError(try store(of: all), "piece \(index): \(bytes)") {
          XCTAssertTrue($0 is WireError)
        }
        refusals += 1
      }
      XCTAssertThrowsError(try store(of: pieces[..<index] + pieces[(index + 1)...]), "missing")
      XCTAssertThrowsError(try store(of: pieces[...index] + pieces[index...]), "twice")
    }
    XCTAssertGreaterThan(pieces.count, 3)
    XCTAssertGreaterThan(refusals, 700)
  }

  /// What a checksum cannot tell: bytes of a writer that is wrong.
  func test_image_whenItSaysWhatNoStoreHolds_isRefused() throws {
    var writer = ByteWriter()
    let heads: [(version: UInt8, revision: UInt64, collections: UInt32, items: UInt64)] = [
      (2, 9, 0, 0), (1, .max, 1, .max), (1, 9, .max, 0), (1, 9, 1, 10), (1, 1 << 62, 1, 1 << 62),
    ]
    for head in heads {
      writer.write(head.version)
      writer.write(head.revision)
      writer.write(UInt64(0))
      writer.write(head.collections)
      writer.write(Collection.Kind.keyValue.rawValue)
      writer.write(things)
      writer.write(UInt64(1))
      writer.write(head.items)

      XCTAssertThrowsError(try store(of: [writer.bytes]), "\(head)")
      writer.removeAll()
    }
    XCTAssertThrowsError(try store(of: []))
    XCTAssertThrowsError(try store(of: [[]]))
  }

  /// Version 1, byte for byte: what was written once can be read for ever.
  func test_image_ofVersion1_isStillRead() throws {
    let golden = """
      01060000000000000013f0baebf1852088020000000201006402006b760400000000000000020000\
      000000000005000000000000000100610000000004000000000000000100620300000074776f0107\
      0064656661756c74060070656f706c65010000000000000002000000000000000300000000000000\
      090001000000000000f03f0c0000000c000000106e00030000000001000000000000000900020400\
      0000616e6e000c0000000c000000106e000100000000713bbfa49f613df2
      """

    let pieces = pieces(of: Self.smallStore().freeze(), sizeAim: 1_000)

    XCTAssertEqual(pieces.map(hexadecimal), [golden])
    XCTAssertEqual(try store(of: pieces).stateDigest(), Self.smallStore().stateDigest())
  }

  /// Two collections, one of each kind.
  private static func smallStore() -> DocumentStore {
    var fixture = StoreFixture()
    fixture.apply(.put(id: id("ann"), document: document(#"{"n": 1}"#)), in: "people")
    fixture.apply(.put(id: id(.double(1)), document: document(#"{"n": 2}"#)), in: "people")
    fixture.apply(.put(id: id(.int32(1)), document: document(#"{"n": 3}"#)), in: "people")
    fixture.apply(.kvPut(key: utf8("b"), value: utf8("two")), in: "kv", database: "d")
    fixture.apply(.kvPut(key: utf8("a"), value: []), in: "kv", database: "d")
    fixture.apply(.createCollection, in: "people")
    return fixture.store
  }

  private func pieces(of image: DocumentStoreImage, sizeAim: Int) -> [[UInt8]] {
    var image = image
    var pieces: [[UInt8]] = []
    while let piece = image.nextPiece(sizeAim: sizeAim) { pieces.append(piece) }
    return pieces
  }

  private func store(of pieces: some Sequence<[UInt8]>) throws(WireError) -> DocumentStore {
    var builder = DocumentStoreBuilder()
    for piece in pieces { try builder.take(Bytes(piece)) }
    return try builder.finish()
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
