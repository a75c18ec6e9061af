import Wire
import XCTest

final class BytesTests: XCTestCase {
  private let array: [UInt8] = [9, 1, 2, 3, 8]

  func test_bytes_ofAPart_areThatPartWhereverItLies() {
    let part = Bytes(array, 1..<4)

    XCTAssertEqual(part, [1, 2, 3])
    XCTAssertEqual(part.hashValue, Bytes([1, 2, 3]).hashValue)
    XCTAssertEqual(part[1..<3], [2, 3])
    XCTAssertEqual(part[2], 3)
    XCTAssertEqual(part.array, [1, 2, 3])
    XCTAssertNotEqual(part, [1, 2, 4])
    XCTAssertNotEqual(part, [1, 2])
  }

  func test_copied_keepsNothingElseAlive() {
    XCTAssertEqual(Bytes(array, 1..<4).copied().storage, [1, 2, 3])
  }

  func test_reader_sharesWhatItReads_andStopsAtTheEnd() throws {
    var reader = ByteReader(Bytes(array, 1..<4))

    XCTAssertEqual(try reader.share(2), [1, 2])
    XCTAssertThrowsError(try reader.share(2))
    XCTAssertEqual(try reader.read(UInt8.self), 3)
    XCTAssertNoThrow(try reader.expectEnd())
  }

  func test_sharedBlob_overItsLimit_isRefused() {
    var writer = ByteWriter()
    writer.writeBlob(Bytes(array, 1..<4))
    var reader = ByteReader(writer.bytes)
    XCTAssertThrowsError(try reader.shareBlob(max: 2))

    reader = ByteReader(writer.bytes)
    XCTAssertEqual(try reader.shareBlob(max: 3), [1, 2, 3])
  }

  func test_heads_compareAsTheirBytesDo() {
    let keys: [[UInt8]] = [
      [], [0, 1], [1], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8, 9], [2],
    ]

    let heads = keys.map { Bytes.head(of: $0, 0..<$0.count) }

    XCTAssertEqual(heads, heads.sorted())
    XCTAssertEqual(heads[4], 0x0102_0304_0506_0708)
    XCTAssertEqual(Bytes.head(of: array, 1..<3), 0x0102_0000_0000_0000)
  }
}
