import Consensus
import Crypto
import XCTest

@testable import SymbolicCrypto

final class PureSHA256Tests: XCTestCase {
  func test_digest_whenOfAPublishedMessage_isThePublishedOne() {
    let table: [(message: String, digest: String)] = [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]

    for row in table {
      let digest = PureSHA256.digest(of: Array(row.message.utf8))
      XCTAssertEqual(digest.description, row.digest, row.message)
    }
  }

  func test_digest_whenOfAnySize_isTheSameAsOpenSSLs() {
    let product = SHA256Digester()
    var random = RandomSource(seed: 42)

    for count in Array(0...200) + [511, 512, 513, 4_096] {
      let message = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      XCTAssertEqual(
        PureSHA256().digest(of: message, domain: .block),
        product.digest(of: message, domain: .block),
        "\(count) bytes"
      )
    }
  }
}
