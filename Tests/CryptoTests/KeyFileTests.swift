import Consensus
import Foundation
import XCTest

@testable import Crypto

final class KeyFileTests: XCTestCase {
  private var folder = URL(fileURLWithPath: "/")

  override func setUpWithError() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("lockstep-keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  override func tearDownWithError() throws {
    try FileManager.default.removeItem(at: folder)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func test_file_whenWrittenAndRead_holdsTheSameKey() throws {
    let key = try PrivateKey.generate()

    try KeyFile.create(path("a.key"), key)
    let read = try KeyFile.read(path("a.key"))

    XCTAssertEqual(read.publicKey, key.publicKey)
    XCTAssertEqual(read.sign([1]), key.sign([1]))
    let mode = try FileManager.default.attributesOfItem(atPath: path("a.key"))
    XCTAssertEqual(mode[.posixPermissions] as? Int, 0o600)
  }

  func test_file_whenOfAPublishedKey_readsAsPublished() throws {
    // RFC 8410 §10.3.
    let text = """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
      -----END PRIVATE KEY-----

      """
    try write(text, "rfc.key")

    let key = try KeyFile.read(path("rfc.key"))

    XCTAssertEqual(
      key.publicKey.description,
      "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    )
    XCTAssertEqual(try String(contentsOfFile: path("rfc.key"), encoding: .utf8), text)
    try KeyFile.create(path("again.key"), key)
    XCTAssertEqual(try String(contentsOfFile: path("again.key"), encoding: .utf8), text)
  }

  func test_file_whenItExists_isNeverTouched() throws {
    try write("mine", "a.key")

    XCTAssertThrowsError(try KeyFile.create(path("a.key"), PrivateKey.generate())) { error in
      XCTAssertEqual((error as? CryptoError)?.code, "key_file")
    }
    XCTAssertEqual(try String(contentsOfFile: path("a.key"), encoding: .utf8), "mine")
  }

  func test_file_whenOthersMayReadIt_isRefused() throws {
    try KeyFile.create(path("a.key"), PrivateKey.generate())
    for mode in [0o640, 0o604, 0o610, 0o666] {
      try setMode(mode, "a.key")

      XCTAssertThrowsError(try KeyFile.read(path("a.key")), "\(mode)") { error in
        XCTAssertTrue("\(error)".contains("chmod 600"), "\(error)")
      }
    }
  }

  func test_file_whenItHoldsNoKey_isRefused() throws {
    let elliptic = """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
      OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
      1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
      -----END PRIVATE KEY-----

      """
    let cases: [(name: String, text: String)] = [
      ("nothing", ""), ("text", "hello"), ("another kind", elliptic),
      ("cut off", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTu\n"),
      ("long", String(repeating: "x", count: 9_000)),
    ]
    for (name, text) in cases {
      try write(text, name)

      XCTAssertThrowsError(try KeyFile.read(path(name)), name) { error in
        XCTAssertEqual((error as? CryptoError)?.code, "bad_key", name)
        XCTAssertTrue("\(error)".hasPrefix(path(name)), "\(error)")
      }
    }
    XCTAssertThrowsError(try KeyFile.read(path("missing"))) { error in
      XCTAssertTrue("\(error)".contains("no such file"), "\(error)")
    }
  }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    try setMode(0o600, name)
  }

  private func setMode(_ mode: Int, _ name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
  }
}
