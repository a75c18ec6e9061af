import Consensus
import Foundation
import XCTest

@testable import Genesis

final class GenesisKeysTests: XCTestCase {
  func test_genesis_whenItHasKeys_isReadAsWritten() throws {
    let genesis = try Sample.keyed(4)

    let read = try Genesis(path: "g.json", text: genesis.fileText)

    XCTAssertEqual(read, genesis)
    XCTAssertTrue(genesis.fileText.contains("\"format\": 2"))
  }

  func test_genesis_whenItsKeysAreWrong_namesTheField() throws {
    let genesis = try Sample.keyed(4)
    let keys = try XCTUnwrap(genesis.keys)
    let (first, second) = ("\(keys.members[0])", "\(keys.members[1])")
    let client = "\(keys.clients[0].key)"
    let neutral = "01" + String(repeating: "0", count: 62)
    let cases: [(name: String, from: String, to: String, part: String)] = [
      ("format 1", "\"format\": 2", "\"format\": 1", "mode: nobody knows this field"),
      ("format 3", "\"format\": 2", "\"format\": 3", "format 3 is unknown"),
      ("no mode", "\"mode\": \"bft\",", "", "mode: text is missing"),
      ("another mode", "\"bft\"", "\"raft\"", "mode: 'raft' is unknown"),
      ("another scheme", "\"ed25519\"", "\"rsa\"", "scheme: 'rsa' is unknown"),
      ("short key", first, "abc", "members[0].key: 'abc' is not 64 hexadecimal digits"),
      ("no key", ",\"key\":\"\(second)\"", "", "members[1].key: text is missing"),
      ("key of small order", first, neutral, "members[0].key: \(neutral) is no usable"),
      ("a member's key twice", second, first, "the key \(first) appears twice"),
      ("a client's key a member's", client, first, "the key \(first) appears twice"),
      ("a name twice", "client-2", "client-1", "clients: a name appears twice"),
      ("no name", "\"client-2\"", "\"\"", "clients[1].name: text is missing"),
      ("unknown field", "\"name\":\"client-1\"", "\"nam\":\"x\"", "clients[0].nam: nobody knows"),
      ("no clients", "\"clients\"", "\"guests\"", "guests: nobody knows this field"),
    ]

    for (name, from, to, part) in cases {
      let damaged = genesis.fileText.replacingOccurrences(of: from, with: to)
      XCTAssertThrowsError(try Genesis(path: "g.json", text: damaged), name) { error in
        let message = (error as? GenesisError)?.description ?? ""
        XCTAssertTrue(message.hasPrefix("g.json: "), "\(name): \(message)")
        XCTAssertTrue(message.contains(part), "\(name): \(message)")
      }
    }
  }

  func test_genesis_whenTheNumberOfMembersIsWrong_isRefused() throws {
    for count in 1...7 {
      let genesis = try Sample.keyed(count)

      let isRight = [1, 4, 7].contains(count)
      XCTAssertEqual(GenesisKeys.objection(toMembers: count) == nil, isRight)
      if isRight {
        XCTAssertEqual(try Genesis(path: "g.json", text: genesis.fileText), genesis)
      } else {
        XCTAssertThrowsError(try Genesis(path: "g.json", text: genesis.fileText)) { error in
          XCTAssertTrue("\(error)".contains("mode bft needs n = 3f + 1"), "\(error)")
        }
      }
    }
  }

  func test_genesis_whenMembersStandInAnyOrder_keepsEachItsKey() throws {
    let genesis = try Sample.keyed(4)
    var lines = genesis.fileText.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try XCTUnwrap(lines.firstIndex { $0.contains("\"id\":1,") })

    lines.swapAt(first, first + 1)
    let read = try Genesis(path: "g.json", text: lines.joined(separator: "\n"))

    XCTAssertEqual(read, genesis)
    XCTAssertEqual(read.key(of: NodeID(2)), genesis.keys?.members[1])
    XCTAssertNil(read.key(of: NodeID(9)))
  }
}
