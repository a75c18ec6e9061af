import XCTest

@testable import Wire

/// Bytes that need no memory while they are few.
final class CompactBytesTests: XCTestCase {
  func test_compactBytes_ofAnyCount_areTheSameAsTheirArray() throws {
    for count in [0, 1, 7, 8, 9, 14, 15, 16, 17, 300] {
      let array = (0..<count).map { UInt8(truncatingIfNeeded: 255 - $0 * 7) }
      var scratch = ByteWriter(capacity: 64)
      scratch.writeRaw([UInt8](repeating: 0xEE, count: 40))
      scratch.removeAll()
      scratch.writeRaw(array)

      let compact = CompactBytes(array)

      XCTAssertEqual(compact.array, array, "\(count)")
      XCTAssertEqual(compact.count, count)
      XCTAssertEqual(
        CompactBytes(written: scratch),
        compact,
        "what stood there before is not in it"
      )
      XCTAssertEqual(CRC32C.checksum(compact), CRC32C.checksum(array), "\(count)")
    }
  }

  func test_writer_whenBytesFollow_putsThemRightBehind() throws {
    for count in [0, 1, 8, 15, 16, 40] {
      let array = (0..<count).map { UInt8($0 + 1) }
      var writer = ByteWriter()

      writer.writeBlob(CompactBytes(array))
      writer.write(UInt8(0xAA))

      var reader = ByteReader(writer.bytes)
      XCTAssertEqual(try reader.readBlob(max: 100), array, "\(count)")
      XCTAssertEqual(try reader.read(UInt8.self), 0xAA)
      XCTAssertNoThrow(try reader.expectEnd())
    }
  }

  func test_compactBytes_differ_whereTheirArraysDo() {
    let cases: [([UInt8], [UInt8])] = [
      ([], [0]), ([0], [0, 0]), ([1], [2]), ([UInt8](repeating: 0, count: 15), [0]),
      ([UInt8](repeating: 0, count: 15), [UInt8](repeating: 0, count: 16)),
    ]
    for (left, right) in cases {
      XCTAssertNotEqual(CompactBytes(left), CompactBytes(right), "\(left) \(right)")
    }
  }
}
