import Consensus
import XCTest

@testable import Crypto

/// What is computed here beside what OpenSSL says.
final class KeyTableTests: XCTestCase {
  private let openSSL = Ed25519Verifier()

  func test_table_whenOfAnyKey_agreesWithOpenSSL() throws {
    for number in 0..<4 {
      let key = try PrivateKey.generate()
      let table = try XCTUnwrap(KeyTable(key.publicKey))
      for size in [0, 1, 63, 200 + number] {
        let message = [UInt8](repeating: UInt8(number), count: size)
        let signature = key.sign(message)

        XCTAssertTrue(table.isValid(signature, of: message), "\(key.publicKey), \(size)")
        XCTAssertFalse(table.isValid(signature, of: message + [0]), "\(key.publicKey), \(size)")
      }
    }
  }

  func test_table_whenABitIsFlipped_findsNothingGood() throws {
    let key = try PrivateKey.generate()
    let table = try XCTUnwrap(KeyTable(key.publicKey))
    let message: [UInt8] = Array("a vote".utf8)
    let signature = key.sign(message)

    for bit in stride(from: 0, to: 512, by: 7) {
      var bytes = signature.bytes
      bytes[bit / 8] ^= 1 << (bit % 8)
      let flipped = try XCTUnwrap(Signature(bytes: bytes))
      XCTAssertFalse(table.isValid(flipped, of: message), "bit \(bit)")
    }
  }

  func test_table_whenSIsWrittenWithTheOrderAdded_findsNothingGood() throws {
    let key = try PrivateKey.generate()
    let table = try XCTUnwrap(KeyTable(key.publicKey))
    let signature = key.sign([1])
    let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    var sum = signature.bytes
    var carry = 0
    for place in 0..<32 {
      carry += Int(sum[32 + place]) + Int(order[place])
      sum[32 + place] = UInt8(carry & 255)
      carry >>= 8
    }
    let second = try XCTUnwrap(Signature(bytes: sum))

    XCTAssertEqual(carry, 0)
    XCTAssertTrue(table.isValid(signature, of: [1]))
    XCTAssertFalse(table.isValid(second, of: [1]))
    XCTAssertFalse(openSSL.isValid(second, of: [1], by: key.publicKey))
  }

  func test_point_whenItIsNone_isNotRead() {
    let none: [(String, SIMD4<UInt64>)] = [
      ("y is 2, and no x goes with it", [2, 0, 0, 0]),
      ("y is the prime", [.max - 18, .max, .max, .max >> 1]),
      ("x is 0, and odd", [1, 0, 0, 1 << 63]),
    ]

    for (name, words) in none { XCTAssertNil(CurvePoint(words: words), name) }
    XCTAssertNotNil(CurvePoint(words: [1, 0, 0, 0]))
  }

  func test_points_whenEqualOppositeOrNeutral_areAddedAsOthers() throws {
    let word: UInt64 = 0x6666_6666_6666_6666
    let base = try XCTUnwrap(CurvePoint(words: [word - 0xE, word, word, word]))

    XCTAssertEqual((base + base.summand).words, base.doubled.words)
    XCTAssertEqual((base - base.summand).words, CurvePoint.neutral.words)
    XCTAssertEqual((base + CurvePoint.neutral.summand).words, base.words)
    XCTAssertEqual(((base.doubled) - base.summand).words, base.words)
    XCTAssertEqual((-(-base)).words, base.words)
  }

  func test_scalar_whenReduced_isWhatIsLeft() {
    let order: [UInt64] = [0x5812_631A_5CF5_D3ED, 0x14DE_F9DE_A2F7_9CD6, 0, 1 << 60]
    let table: [(number: [UInt64], left: [UInt64])] = [
      ([5], [5, 0, 0, 0]),
      (order, [0, 0, 0, 0]),
      ([order[0] + 7, order[1], 0, 1 << 60], [7, 0, 0, 0]),
      ([order[0] - 1, order[1], 0, 1 << 60], [order[0] - 1, order[1], 0, 1 << 60]),
      // 2²⁵⁶ and 2⁵¹² − 1, as any calculator says.
      (
        [0, 0, 0, 0, 1],
        [
          0xD6EC_3174_8D98_951D, 0xC6EF_5BF4_737D_CF70, 0xFFFF_FFFF_FFFF_FFFE,
          0x0FFF_FFFF_FFFF_FFFF,
        ]
      ),
      (
        [UInt64](repeating: .max, count: 8),
        [
          0xA406_11E3_449C_0F00, 0xD00E_1BA7_6885_9347, 0xCEEC_73D2_17F5_BE65,
          0x0399_411B_7C30_9A3D,
        ]
      ),
    ]

    for (number, left) in table {
      var sum: [Int] = []
      for digit in CurveScalar(reducing: number).digits { sum.append(Int(digit)) }
      XCTAssertEqual(sum, digits(of: left), "\(number)")
    }
  }

  func test_scalar_whenNotBelowTheOrder_isNone() {
    let (low, high): (UInt64, UInt64) = (0x5812_631A_5CF5_D3ED, 0x14DE_F9DE_A2F7_9CD6)

    XCTAssertNotNil(CurveScalar([low - 1, high, 0, 1 << 60]))
    XCTAssertNil(CurveScalar([low, high, 0, 1 << 60]))
    XCTAssertNil(CurveScalar([.max, .max, .max, .max]))
  }

  /// Base 16 with digits from −8 to 7.
  private func digits(of words: [UInt64]) -> [Int] {
    var carry = 0
    return (0..<64).map { place in
      let digit = Int(words[place / 16] >> UInt64(4 * (place % 16)) & 15) + carry
      carry = digit >= 8 ? 1 : 0
      return digit - 16 * carry
    }
  }
}
