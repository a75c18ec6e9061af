import ClientProtocol
import Foundation
import XCTest

@testable import LockstepClient

final class ConnectionURLTests: XCTestCase {
  func test_url_whenWhole_saysEverything() throws {
    let url = try ConnectionURL(
      parsing:
        "lockstep://h1:1,[::1]:2,h3/b%C3%BCcher?timeout=250ms&consistency=stale:2s&name=a%26b"
    )

    XCTAssertEqual(url.addresses.map(\.description), ["h1:1", "[::1]:2", "h3:7301"])
    XCTAssertEqual(url.database, "bücher")
    XCTAssertEqual(url.timeout, .milliseconds(250))
    XCTAssertEqual(url.consistency, .stale(maxLag: .seconds(2)))
    XCTAssertEqual(url.name, "a&b")
  }

  func test_url_whenShort_hasDefaults() throws {
    for text in ["lockstep://h:1", "lockstep://h:1/", "lockstep://h:1/?timeout=5s"] {
      let url = try ConnectionURL(parsing: text)

      XCTAssertEqual(url.database, "default", text)
      XCTAssertEqual(url.timeout, .seconds(5), text)
      XCTAssertEqual(url.consistency, .linearizable, text)
    }
  }

  func test_url_whenWrong_namesThePart() {
    let cases: [(url: String, part: String)] = [
      ("", "lockstep://HOST:PORT"), ("http://h:1", "\"http\""), ("h:1", "scheme"),
      ("lockstep+unix:///x", "unix"), ("lockstep://", "address \"\""),
      ("lockstep://h:1,,h:2", "address \"\""), ("lockstep://h:99999", "\"h:99999\""),
      ("lockstep://h:0", "port 0"), ("lockstep://h:x", "\"h:x\""),
      ("lockstep://::1:5", "brackets"), ("lockstep://h:1/a/b", "a/b"),
      ("lockstep://h:1/%zz", "%zz"), ("lockstep://h:1/%ff", "%ff"),
      ("lockstep://h:1/%+f", "%+f"),
      ("lockstep://h:1?timeout=5", "timeout=5"), ("lockstep://h:1?timeout=0s", "timeout=0s"),
      ("lockstep://h:1?consistency=fast", "consistency=fast"),
      ("lockstep://h:1?colour=red", "colour"), ("lockstep://h:1?tls=require", "tls"),
      ("lockstep://h:1/" + String(repeating: "x", count: 65), "database"),
    ]
    for (url, part) in cases {
      XCTAssertThrowsError(try ConnectionURL(parsing: url), url) { error in
        let error = error as? LockstepError
        XCTAssertEqual(error?.code, .invalidURL, url)
        XCTAssertTrue(error?.message.contains(part) ?? false, "\(url): \(error?.message ?? "")")
      }
    }
  }

  func test_url_whenItHasAPassword_neverRepeatsIt() {
    for url in ["lockstep://ada:secret@h:1", "lockstep://ada:sec/ret@h:1", "x://ada:secret@h"] {
      XCTAssertThrowsError(try ConnectionURL(parsing: url)) { error in
        XCTAssertFalse("\(error)".contains("sec"), "\(error)")
      }
    }
  }

  func test_codes_always_areThoseOfTheWire() throws {
    for code in ErrorCode.allCases {
      XCTAssertEqual(LockstepError.Code(code).rawValue, code.rawValue)
    }
    XCTAssertEqual(LockstepError.Code.revisionConflict, LockstepError.Code(.revisionConflict))
    let source = try String(contentsOfFile: codesPath, encoding: .utf8)
    for code in ErrorCode.allCases {
      XCTAssertTrue(source.contains("public static let \(code) = Self(.\(code))"), "\(code)")
    }
    XCTAssertEqual(LockstepError.Code.internalError.rawValue, "internal")
  }

  func test_error_whenPrinted_saysCodeAndNextStep() {
    let error = LockstepError(.noLeader, "no leader was found")

    XCTAssertEqual(
      "\(error)",
      "no leader was found (no_leader); wait a moment and retry; a majority of the nodes must be up"
        + " (lockstep cluster status)"
    )
  }

  private var codesPath: String {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/LockstepClient/Values/LockstepError+Codes.swift").path
  }
}
