import Consensus
import XCTest

@testable import Crypto

final class Ed25519Tests: XCTestCase {
  private struct Vector {
    let name: String
    let seed: String
    let key: String
    let message: String
    let signature: String
  }

  /// RFC 8032 §7.1.
  private let vectors = [
    Vector(
      name: "test 1",
      seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    Vector(
      name: "test 2",
      seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        + "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    Vector(
      name: "test 3",
      seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        + "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
    Vector(
      name: "SHA(abc)",
      seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      key: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890"
        + "9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
    ),
  ]

  private let verifier = Ed25519Verifier()
  private let message: [UInt8] = Array("a vote".utf8)

  func test_key_whenOfAPublishedSeed_signsAsPublished() throws {
    for vector in vectors {
      let key = try PrivateKey(seed: bytes(vector.seed))

      let signature = key.sign(bytes(vector.message))

      XCTAssertEqual(key.publicKey.description, vector.key, vector.name)
      XCTAssertEqual(signature.description, vector.signature, vector.name)
      XCTAssertTrue(
        verifier.isValid(signature, of: bytes(vector.message), by: key.publicKey),
        vector.name
      )
    }
  }

  func test_seed_whenOfAnotherSize_isRefused() {
    for count in [0, 31, 33, 64] {
      XCTAssertThrowsError(try PrivateKey(seed: [UInt8](repeating: 1, count: count))) { error in
        XCTAssertEqual((error as? CryptoError)?.code, "bad_key", "\(count)")
      }
    }
  }

  func test_signature_whenAnyBitIsFlipped_isInvalid() throws {
    let key = try PrivateKey.generate()
    let signature = key.sign(message)

    for bit in 0..<512 {
      var forged = signature.bytes
      forged[bit / 8] ^= 1 << (bit % 8)
      let flipped = try XCTUnwrap(Signature(bytes: forged))
      XCTAssertFalse(verifier.isValid(flipped, of: message, by: key.publicKey), "bit \(bit)")
    }
  }

  func test_signature_whenTheMessageOrTheKeyIsAnother_isInvalid() throws {
    let (key, other) = try (PrivateKey.generate(), PrivateKey.generate())
    let signature = key.sign(message)

    for bit in 0..<message.count * 8 {
      var changed = message
      changed[bit / 8] ^= 1 << (bit % 8)
      XCTAssertFalse(verifier.isValid(signature, of: changed, by: key.publicKey), "bit \(bit)")
    }
    XCTAssertFalse(verifier.isValid(signature, of: message + [0], by: key.publicKey))
    XCTAssertFalse(verifier.isValid(signature, of: [], by: key.publicKey))
    XCTAssertFalse(verifier.isValid(signature, of: message, by: other.publicKey))
    for bit in 0..<256 {
      var changed = key.publicKey.bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      let wrong = try XCTUnwrap(PublicKey(bytes: changed))
      XCTAssertFalse(verifier.isValid(signature, of: message, by: wrong), "key's bit \(bit)")
    }
  }

  func test_verifier_whenTheKeyIsKnownAhead_judgesTheSame() throws {
    let (known, unknown) = try (PrivateKey.generate(), PrivateKey.generate())
    let verifier = Ed25519Verifier(keys: [known.publicKey])

    for key in [known, unknown] {
      let signature = key.sign(message)
      XCTAssertTrue(verifier.isValid(signature, of: message, by: key.publicKey))
      XCTAssertFalse(verifier.isValid(signature, of: message + [1], by: key.publicKey))
    }
  }

  // S + L is the same number to a careless verifier: a second signature made by no owner.
  func test_signature_whenTheGroupsOrderIsAddedToS_isInvalid() throws {
    let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    let key = try PrivateKey.generate()
    let signature = key.sign(message)

    var carry = 0
    let sum = zip(signature.second.bytes, order).map { left, right in
      carry += Int(left) + Int(right)
      defer { carry >>= 8 }
      return UInt8(carry & 0xFF)
    }
    let second = try XCTUnwrap(Bits256(bytes: sum))
    let malleable = Signature(first: signature.first, second: second)

    XCTAssertTrue(verifier.isValid(signature, of: message, by: key.publicKey))
    XCTAssertFalse(verifier.isValid(malleable, of: message, by: key.publicKey))
  }

  // R = B and S = 1 fit every message where the key is the neutral point.
  func test_key_whenOfSmallOrder_hasNoValidSignature() throws {
    let neutral = "0100000000000000000000000000000000000000000000000000000000000000"
    let key = try XCTUnwrap(PublicKey(hexadecimal: neutral))
    let signature = try XCTUnwrap(
      Signature(
        bytes: bytes("58" + String(repeating: "66", count: 31) + neutral)
      )
    )
    guard let handle = KeyHandle(key) else { return XCTFail("OpenSSL takes the key") }
    var lenient = MessageContext()

    XCTAssertTrue(lenient.isValid(signature, of: message, by: handle), "OpenSSL takes it")
    XCTAssertFalse(verifier.isValid(signature, of: message, by: key))
  }

  func test_points_whenNotStrict_areRefused() {
    let middle = String(repeating: "ff", count: 30)
    let zeros = String(repeating: "00", count: 30)
    let table: [(name: String, point: String, isStrict: Bool)] = [
      ("the base point", "58" + String(repeating: "66", count: 31), true),
      ("zero", "00" + zeros + "00", false),
      ("zero, other sign", "00" + zeros + "80", false),
      ("one", "01" + zeros + "00", false),
      ("one, other sign", "01" + zeros + "80", false),
      ("two", "02" + zeros + "00", true),
      ("p - 2", "eb" + middle + "7f", true),
      ("p - 1", "ec" + middle + "7f", false),
      ("p - 1, other sign", "ec" + middle + "ff", false),
      ("p", "ed" + middle + "7f", false),
      ("p + 1", "ee" + middle + "7f", false),
      ("p + 3, other sign", "f0" + middle + "ff", false),
      ("the highest", "ff" + middle + "ff", false),
      ("order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", false),
      ("order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", false),
      ("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", false),
      ("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", false),
    ]

    for row in table {
      let point = Bits256(hexadecimal: row.point)
      XCTAssertEqual(point.map(PointEncoding.isStrict), row.isStrict, row.name)
    }
  }

  func test_signature_whenItsPointHasSmallOrder_isInvalid() throws {
    let key = try PrivateKey.generate()
    let signature = key.sign(message)

    let neutral = "01" + String(repeating: "00", count: 31)
    let again = "ee" + String(repeating: "ff", count: 30) + "7f"
    for first in [neutral, again] {
      let point = try XCTUnwrap(Bits256(hexadecimal: first))
      let forged = Signature(first: point, second: .zero)
      XCTAssertFalse(verifier.isValid(forged, of: message, by: key.publicKey), first)
    }
    XCTAssertTrue(verifier.isValid(signature, of: message, by: key.publicKey))
  }
}
