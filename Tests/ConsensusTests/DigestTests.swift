import Wire
import XCTest

@testable import Consensus

final class DigestTests: XCTestCase {
  private let counted = [UInt8](0..<64)

  func test_digest_whenMadeOf32Bytes_givesThemBack() throws {
    let bytes = Array(counted[..<32])

    let digest = try XCTUnwrap(Digest(bytes: bytes))

    XCTAssertEqual(digest.bytes, bytes)
    XCTAssertEqual(try Digest(decoding: digest.encoded()), digest)
    XCTAssertEqual(
      digest.description,
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )
  }

  func test_fixedBytes_whenTheirNumberIsWrong_areRefused() {
    for count in [0, 31, 33, 63, 65] {
      let bytes = [UInt8](repeating: 1, count: count)
      XCTAssertNil(Digest(bytes: bytes), "\(count)")
      XCTAssertNil(PublicKey(bytes: bytes), "\(count)")
      XCTAssertNil(Signature(bytes: bytes), "\(count)")
    }
  }

  func test_signature_whenMadeOf64Bytes_givesThemBack() throws {
    let signature = try XCTUnwrap(Signature(bytes: counted))

    XCTAssertEqual(signature.bytes, counted)
    XCTAssertEqual(try Signature(decoding: signature.encoded()), signature)
  }

  func test_digests_whenCompared_orderAsTheirBytesDo() throws {
    for position in 0..<32 {
      var low = [UInt8](repeating: 0x7F, count: 32)
      var high = low
      low[position] = 0x7E
      high[position] = 0x80

      let ordered = try [XCTUnwrap(Digest(bytes: low)), XCTUnwrap(Digest(bytes: high))]

      XCTAssertLessThan(ordered[0], ordered[1], "byte \(position)")
      XCTAssertEqual([ordered[1], ordered[0]].sorted(), ordered, "byte \(position)")
    }
  }

  func test_key_whenReadFromText_takesExactly64Digits() throws {
    let text = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

    let key = try XCTUnwrap(PublicKey(hexadecimal: text))

    XCTAssertEqual(key.bytes, Array(counted[..<32]))
    XCTAssertEqual(key.description, text.lowercased())
    for wrong in ["", "00", text + "0", String(text.dropLast()) + "g", "+" + text.dropFirst()] {
      XCTAssertNil(PublicKey(hexadecimal: wrong), wrong)
    }
  }

  func test_domains_whenListed_haveANumberEach() {
    let numbers = DigestDomain.allCases.map(\.rawValue)

    XCTAssertEqual(Set(numbers).count, numbers.count)
    XCTAssertEqual(DigestDomain.leaf.rawValue, 0)
    XCTAssertEqual(DigestDomain.inner.rawValue, 1)
    XCTAssertEqual(DigestDomain.block.rawValue, 2)
  }
}
