import Consensus
import Foundation
import XCTest

@testable import Genesis

final class GenesisTests: XCTestCase {
  func test_genesis_whenWrittenAndRead_isTheSame() throws {
    let genesis = Sample.genesis(3)

    let read = try Genesis(path: "g.json", text: genesis.fileText)

    XCTAssertEqual(read, genesis)
    XCTAssertEqual(Set(genesis.configuration.seats.map(\.member.incarnation)).count, 3)
  }

  func test_genesis_whenDamaged_namesTheField() throws {
    let text = Sample.genesis(3).fileText
    let incarnation = String(text.split(separator: "\"")[13])
    let cases: [(name: String, from: String, to: String, part: String)] = [
      ("cut off", "\"settings\"", "", "line 9"),
      ("another format", "\"format\": 1", "\"format\": 3", "format 3 is unknown"),
      ("no cluster", "\"cluster\"", "\"custer\"", "custer: nobody knows this field"),
      ("id zero", "\"id\":1,", "\"id\":0,", "members[0].id: 0 is out of range"),
      ("id twice", "\"id\":2,", "\"id\":1,", "an id appears twice"),
      ("id text", "\"id\":3,", "\"id\":\"3\",", "members[2].id: a whole number is missing"),
      ("short incarnation", incarnation, "abc", "'abc' is not 16 hexadecimal digits"),
      ("no client", "\"client\":\"a:7301\"", "\"client\":\"\"", "members[0].client: text"),
      ("bad client", "a:7301", "a", "the port is missing"),
      ("bad peer", "b:9000", "nonsense", "members[1].peer: \"nonsense\""),
      ("unknown setting", "sessions_max", "sessions", "settings.sessions: nobody knows"),
      ("setting too large", "10000}", "1000000000}", "settings.sessions_max: 1000000000 is out"),
      ("twice", "\"settings\"", "\"format\"", "appears twice"),
    ]

    for (name, from, to, part) in cases {
      let pieces = text.components(separatedBy: from)
      let damaged = pieces[0] + to + pieces.dropFirst().joined(separator: from)
      XCTAssertThrowsError(try Genesis(path: "g.json", text: damaged), name) { error in
        let message = (error as? GenesisError)?.description ?? ""
        XCTAssertTrue(message.hasPrefix("g.json: "), "\(name): \(message)")
        XCTAssertTrue(message.contains(part), "\(name): \(message)")
      }
    }
  }

  func test_genesisFile_whenMissing_saysSo() {
    XCTAssertThrowsError(try GenesisFile(path: "/nowhere/g.json")) { error in
      XCTAssertEqual((error as? GenesisError)?.code, "file_error")
      XCTAssertEqual("\(error)", "/nowhere/g.json: no such file or directory")
    }
  }

  func test_genesisFile_whenRead_keepsItsBytes() throws {
    let genesis = Sample.genesis(3)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("lockstep-genesis-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(genesis.fileText.utf8).write(to: URL(fileURLWithPath: path))

    let file = try GenesisFile(path: path)

    XCTAssertEqual(file.genesis, genesis)
    XCTAssertEqual(file.bytes, Array(genesis.fileText.utf8))
  }
}
