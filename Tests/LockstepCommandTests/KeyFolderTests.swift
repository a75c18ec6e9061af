import Consensus
import Crypto
import Foundation
import Genesis
import JepsenHarness
import XCTest

@testable import LockstepCommand

final class KeyFolderTests: XCTestCase {
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

  func test_genesis_whenOfModeBFT_isNotServed() throws {
    var random = RandomSource(seed: 7)
    let seats = try NodeList.parse("1=a:7301")
    var genesis = Genesis.random(seats: seats) { random.next() }
    XCTAssertNoThrow(try genesis.requireRaft("g.json"))

    genesis.keys = GenesisKeys(members: [], clients: [])

    XCTAssertThrowsError(try genesis.requireRaft("g.json")) { error in
      XCTAssertEqual((error as? CommandFailure)?.code, "mode_not_served")
    }
  }
}
