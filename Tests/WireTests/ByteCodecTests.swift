import XCTest

@testable import Wire

final class ByteCodecTests: XCTestCase {
  func test_values_whenWrittenAndRead_areTheSame() throws {
    var writer = ByteWriter(capacity: 64)
    writer.write(UInt8.max)
    writer.write(UInt16(0x1234))
    writer.write(Int64.min)
    writer.write(true)
    writer.writeBlob([1, 2, 3])
    writer.writeText("übung")
    writer.writeRaw([9, 8])
    writer.writeRaw([7, 6, 5][1...])

    var reader = ByteReader(writer.bytes)

    XCTAssertEqual(try reader.read(UInt8.self), .max)
    XCTAssertEqual(try reader.read(UInt16.self), 0x1234)
    XCTAssertEqual(try reader.read(Int64.self), .min)
    XCTAssertTrue(try reader.readBool())
    XCTAssertEqual(try reader.readBlob(max: 3), [1, 2, 3])
    XCTAssertEqual(try reader.readText(max: 6), "übung")
    XCTAssertEqual(try reader.readRaw(4), [9, 8, 6, 5])
    XCTAssertNoThrow(try reader.expectEnd())
  }

  func test_integers_always_areLittleEndian() {
    var writer = ByteWriter()
    writer.write(UInt32(0x0102_0304))
    XCTAssertEqual(writer.bytes, [4, 3, 2, 1])

    writer.overwrite(UInt16(0xAABB), at: 1)
    XCTAssertEqual(writer.bytes, [4, 0xBB, 0xAA, 1])
  }

  func test_reader_whenNothingIsLeft_saysWhatItNeeded() {
    var reader = ByteReader([1, 2, 3], 1..<3)

    XCTAssertThrowsError(try reader.read(UInt32.self)) { error in
      XCTAssertEqual(error as? WireError, .truncated(needed: 4, remaining: 2, offset: 1))
    }
    XCTAssertEqual(reader.remaining, 2)
    XCTAssertThrowsError(try reader.expectEnd())
    XCTAssertThrowsError(try reader.skip(-1))
  }

  func test_lengths_whenOverTheirLimit_areRefusedBeforeTheBytesAreMissed() {
    let cases: [(name: String, read: (inout ByteReader) throws(WireError) -> Void)] = [
      ("blob", { (reader) throws(WireError) in _ = try reader.readBlob(max: 10) }),
      ("count", { (reader) throws(WireError) in _ = try reader.readCount(max: 10) }),
      ("text", { (reader) throws(WireError) in _ = try reader.readText(max: 10) }),
    ]
    for (name, read) in cases {
      var reader = ByteReader([0xFF, 0xFF, 0xFF, 0xFF])
      XCTAssertThrowsError(try read(&reader), name) { error in
        guard case .tooLarge? = error as? WireError else { return XCTFail("\(name): \(error)") }
      }
    }
  }

  func test_values_whenTheBytesStandForNone_areRefused() {
    var truth = ByteReader([2])
    XCTAssertThrowsError(try truth.readBool())

    for invalid in [[0xFF], [0xC3], [0xED, 0xA0, 0x80]] as [[UInt8]] {
      var writer = ByteWriter()
      writer.write(UInt16(invalid.count))
      writer.writeRaw(invalid)
      var reader = ByteReader(writer.bytes)
      XCTAssertThrowsError(try reader.readText(max: 10), "\(invalid)")
    }
  }
}
