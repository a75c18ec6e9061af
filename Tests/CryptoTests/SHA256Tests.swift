import Consensus
import XCTest

@testable import Crypto

final class SHA256Tests: XCTestCase {
  /// FIPS 180-4's examples and the classic ones of NIST.
  private let vectors: [(name: String, message: [UInt8], digest: String)] = [
    ("nothing", [], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "448 bits", Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "896 bits",
      Array(
        ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8
      ),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      "a million a", [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  func test_SHA256_whenGivenPublishedMessages_givesTheirDigests() {
    var running = SHA256()

    for vector in vectors {
      running.update(vector.message)
      XCTAssertEqual(running.finish().description, vector.digest, vector.name)
    }
  }

  func test_SHA256_whenBytesComeInPieces_givesTheSameDigest() {
    let message = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    var whole = SHA256()
    whole.update(message)
    let expected = whole.finish()

    for cut in 0...message.count {
      var running = SHA256()
      running.update(Array(message[..<cut]))
      running.update(Array(message[cut...]))
      XCTAssertEqual(running.finish(), expected, "cut at \(cut)")
    }
  }

  func test_digester_whenDomainsDiffer_givesOtherDigests() {
    let digester = SHA256Digester()
    let message: [UInt8] = [1, 2, 3]

    let digests = DigestDomain.allCases.map { digester.digest(of: message, domain: $0) }

    XCTAssertEqual(Set(digests).count, DigestDomain.allCases.count)
    for (domain, digest) in zip(DigestDomain.allCases, digests) {
      var running = SHA256()
      running.update([domain.rawValue] + message)
      XCTAssertEqual(running.finish(), digest, "\(domain)")
    }
  }
}
