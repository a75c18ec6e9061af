import Consensus
import Crypto
import Foundation
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class GenesisKeysTests: XCTestCase {
  private func genesis() throws -> Genesis {
    var random = RandomSource(seed: 7)
    let seats = try NodeList.parse("1=a:7301,2=b:7301,3=c:7301,4=d:7301")
    var genesis = Genesis.random(seats: seats) { random.next() }
    let keys = try (1...6).map { number in
      try PrivateKey(seed: [UInt8](repeating: UInt8(number), count: 32)).publicKey
    }
    genesis.keys = GenesisKeys(
      members: Array(keys[..<4]),
      clients: [.init(name: "client-1", key: keys[4]), .init(name: "client-2", key: keys[5])]
    )
    return genesis
  }

  func test_genesis_whenItHasKeys_isReadAsWritten() throws {
    let genesis = try genesis()

    let read = try Genesis(path: "g.json", text: genesis.fileText)

    XCTAssertEqual(read, genesis)
    XCTAssertTrue(genesis.fileText.contains("\"format\": 2"))
    XCTAssertThrowsError(try read.requireRaft("g.json")) { error in
      XCTAssertEqual((error as? CommandFailure)?.code, "mode_not_served")
    }
  }

  func test_genesis_whenItsKeysAreWrong_namesTheField() throws {
    let genesis = try genesis()
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
        let message = (error as? CommandFailure)?.message ?? ""
        XCTAssertTrue(message.hasPrefix("g.json: "), "\(name): \(message)")
        XCTAssertTrue(message.contains(part), "\(name): \(message)")
      }
    }
  }

  func test_genesis_whenTheNumberOfMembersIsWrong_isRefused() throws {
    for count in 1...7 {
      var genesis = try genesis()
      var keys = try XCTUnwrap(genesis.keys)
      let list = (1...count).map { "\($0)=m\($0):7301" }.joined(separator: ",")
      var random = RandomSource(seed: 8)
      genesis = Genesis.random(seats: try NodeList.parse(list)) { random.next() }
      keys.members = try (0..<count).map { number in
        try PrivateKey(seed: [UInt8](repeating: UInt8(100 + number), count: 32)).publicKey
      }
      genesis.keys = keys

      let isRight = [1, 4, 7].contains(count)
      XCTAssertEqual(GenesisKeys.objection(toMembers: count) == nil, isRight)
      if isRight {
        XCTAssertEqual(try Genesis(path: "g.json", text: genesis.fileText), genesis)
      } else {
        XCTAssertThrowsError(try Genesis(path: "g.json", text: genesis.fileText)) { error in
          let message = (error as? CommandFailure)?.message ?? ""
          XCTAssertTrue(message.contains("mode bft needs n = 3f + 1"), message)
        }
      }
    }
  }

  func test_keyFolder_whenMade_holdsTheKeysThatTheFileNames() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("lockstep-folder-\(UUID().uuidString)").path
    defer { Folder.remove(path) }
    let folder = KeyFolder(path: path)

    let keys = try folder.create(nodes: [NodeID(1), NodeID(5)], clientsCount: 2)

    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: path).sorted(),
      ["client-1.key", "client-2.key", "node-1.key", "node-5.key"]
    )
    XCTAssertEqual(try KeyFile.read(path + "/node-5.key").publicKey, keys.members[1])
    XCTAssertEqual(try KeyFile.read(path + "/client-2.key").publicKey, keys.clients[1].key)
    XCTAssertEqual(keys.clients.map(\.name), ["client-1", "client-2"])
    XCTAssertThrowsError(try folder.create(nodes: [NodeID(1)], clientsCount: 1)) { error in
      XCTAssertTrue((error as? CommandFailure)?.message.contains("file exists") ?? false)
    }
  }
}
