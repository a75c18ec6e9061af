import XCTest

@testable import Wire

final class CRC32CTests: XCTestCase {
  func test_checksum_ofTheVectorsOfRFC3720_isTheirs() {
    let readCommand: [UInt8] =
      [0x01, 0xC0] + Array(repeating: 0, count: 14)
      + [0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28]
      + Array(repeating: 0, count: 7) + [0x02] + Array(repeating: 0, count: 7)
    let vectors: [(name: String, bytes: [UInt8], checksum: UInt32)] = [
      ("32 bytes of zeroes", Array(repeating: 0, count: 32), 0x8A91_36AA),
      ("32 bytes of ones", Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      ("32 incrementing bytes", Array(0..<32), 0x46DD_794E),
      ("32 decrementing bytes", Array((0..<32).reversed()), 0x113F_DB5C),
      ("an iSCSI read command", readCommand, 0xD996_3A56),
      ("the usual check", Array("123456789".utf8), 0xE306_9283),
      ("nothing", [], 0),
    ]
    for (name, bytes, checksum) in vectors {
      XCTAssertEqual(CRC32C.checksum(bytes), checksum, name)
      XCTAssertEqual(CRC32C.portableChecksum(bytes), checksum, name)
    }
  }

  func test_portableChecksum_atEveryLength_equalsTheInstructions() {
    let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8 &+ 13) }

    // Three lanes of at most 64 words, a word, and then again: 1,544 bytes.
    for count in Array(0...300) + Array(1_530...1_560) + [1_544 + 103, 1_544 + 104, 3_088, 5_000] {
      let part = Array(bytes[..<count])
      XCTAssertEqual(CRC32C.checksum(part), CRC32C.portableChecksum(part), "\(count) bytes")
    }
  }

  func test_checksum_whenContinued_equalsTheWhole() {
    let bytes = Array(UInt8.min...UInt8.max)

    for cut in [0, 1, 7, 8, 100, 256] {
      let first = CRC32C.checksum(bytes, 0..<cut)
      let both = CRC32C.checksum(bytes, cut..<bytes.count, continuing: first)
      XCTAssertEqual(both, CRC32C.checksum(bytes), "cut at \(cut)")
    }
  }
}
