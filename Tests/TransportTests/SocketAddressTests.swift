import XCTest

@testable import Transport

final class SocketAddressTests: XCTestCase {
  func test_socketAddress_whenWellWritten_isReadAndWrittenBack() throws {
    let cases: [(text: String, host: String, port: UInt16)] = [
      ("127.0.0.1:7310", "127.0.0.1", 7310),
      ("localhost:0", "localhost", 0),
      ("[::1]:65535", "::1", 65535),
      ("db-1.example:7310", "db-1.example", 7310),
    ]

    for (text, host, port) in cases {
      let address = try SocketAddress(parsing: text)
      XCTAssertEqual(address, SocketAddress(host: host, port: port), text)
      XCTAssertEqual(address.description, text)
    }
  }

  func test_socketAddress_whenBadlyWritten_isRefused() {
    let cases = [
      "", ":", "host", "host:", "host:65536", "host:-1", "host:+1", "host:1x", ":7310",
      "::1:7310", "[::1]", "a b:1", "[]:1", "host:١",
    ]

    for text in cases {
      XCTAssertThrowsError(try SocketAddress(parsing: text), text) { error in
        XCTAssertEqual((error as? TransportError)?.code, "bad_address", text)
      }
    }
  }

  func test_socketAddress_whenTooLong_isRefused() {
    for (count, isRead) in [(255, true), (256, false), (70_000, false)] {
      let text = String(repeating: "h", count: count - 5) + ":7310"

      XCTAssertEqual((try? SocketAddress(parsing: text)) != nil, isRead, "\(count) bytes")
    }
  }

  func test_socketAddress_whenNumericOrLocal_resolvesWithoutTheResolver() throws {
    let cases: [(text: String, resolved: String)] = [
      ("127.0.0.1:1", "127.0.0.1:1"), ("localhost:2", "127.0.0.1:2"), ("[::1]:3", "[::1]:3"),
    ]

    for (text, resolved) in cases {
      let raw = try SocketAddress(parsing: text).resolved()
      XCTAssertEqual(SocketAddress(raw).description, resolved, text)
    }
  }

  func test_socketAddress_whenTheNameIsUnknown_namesIt() {
    let address = SocketAddress(host: "no-such-host.invalid", port: 7310)

    XCTAssertThrowsError(try address.resolved()) { error in
      XCTAssertEqual((error as? TransportError)?.code, "host_not_found")
      XCTAssertTrue("\(error)".contains("no-such-host.invalid:7310"), "\(error)")
    }
  }
}
