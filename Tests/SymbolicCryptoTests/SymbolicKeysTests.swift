import Consensus
import XCTest

@testable import SymbolicCrypto

final class SymbolicKeysTests: XCTestCase {
  private let message: [UInt8] = Array("a vote".utf8)

  // The vectors of the reference implementation: key 00 … 0f, messages 00 01 02 …
  func test_sipHash_whenOfThePublishedMessages_givesThePublishedTags() {
    let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
    let table: [(count: UInt8, tag: (UInt64, UInt64))] = [
      (0, (0xe6a8_25ba_047f_81a3, 0x9302_55c7_1472_f66d)),
      (1, (0x44af_996b_d8c1_87da, 0x45fc_229b_1159_7634)),
      (2, (0xc75d_a4a4_8d22_7781, 0xe4ff_0af6_de8b_a3fc)),
    ]

    for row in table {
      let tag = SipHash.tag(of: Array(0..<row.count), key: key)
      XCTAssertEqual(tag.0, row.tag.0, "\(row.count) bytes")
      XCTAssertEqual(tag.1, row.tag.1, "\(row.count) bytes")
    }
  }

  func test_keys_whenOfEqualSeeds_areEqual() {
    let (first, second) = (SymbolicKeys(count: 4, seed: 7), SymbolicKeys(count: 4, seed: 7))
    let other = SymbolicKeys(count: 4, seed: 8)

    XCTAssertEqual(first.signers.map(\.publicKey), second.signers.map(\.publicKey))
    XCTAssertEqual(
      first.signers.map { $0.sign(message) },
      second.signers.map { $0.sign(message) }
    )
    XCTAssertNotEqual(first.signers.map(\.publicKey), other.signers.map(\.publicKey))
  }

  func test_signature_whenMadeByAnotherKey_isInvalid() {
    let keys = SymbolicKeys(count: 7, seed: 1)

    for signer in keys.signers {
      for claimed in keys.signers {
        XCTAssertEqual(
          keys.isValid(signer.sign(message), of: message, by: claimed.publicKey),
          signer.publicKey == claimed.publicKey
        )
      }
    }
  }

  func test_signature_whenAnyBitIsFlipped_isInvalid() throws {
    let keys = SymbolicKeys(count: 1, seed: 1)
    let signer = keys.signers[0]
    let signature = signer.sign(message)

    for bit in 0..<512 {
      var forged = signature.bytes
      forged[bit / 8] ^= 1 << (bit % 8)
      let flipped = try XCTUnwrap(Signature(bytes: forged))
      XCTAssertFalse(keys.isValid(flipped, of: message, by: signer.publicKey), "bit \(bit)")
    }
    XCTAssertFalse(keys.isValid(signature, of: message + [0], by: signer.publicKey))
    XCTAssertFalse(keys.isValid(signature, of: [], by: signer.publicKey))
  }

  func test_verifier_whenTheKeyIsUnknown_refuses() {
    let (keys, strangers) = (SymbolicKeys(count: 1, seed: 1), SymbolicKeys(count: 1, seed: 2))
    let stranger = strangers.signers[0]

    XCTAssertFalse(keys.isValid(stranger.sign(message), of: message, by: stranger.publicKey))
  }
}
