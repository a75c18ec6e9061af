import Consensus
import Crypto
import Foundation
import Genesis
import LockstepClient
import XCTest

@testable import LockstepByzantineClient

final class CredentialsTests: XCTestCase {
  private var folder = ""

  override func setUpWithError() throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("lockstep-client-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write("g.json", genesis(isKeyed: true).fileText)
    try write("raft.json", genesis(isKeyed: false).fileText)
    try write("broken.json", "{}")
    try KeyFile.create(folder + "/client.key", key(10))
    try KeyFile.create(folder + "/other.key", key(11))
    try KeyFile.create(folder + "/open.key", key(10))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644],
      ofItemAtPath: folder + "/open.key"
    )
    try write("text.key", "nothing")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600],
      ofItemAtPath: folder + "/text.key"
    )
  }

  override func tearDown() {
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func key(_ number: UInt8) throws -> PrivateKey {
    try PrivateKey(seed: [UInt8](repeating: number, count: 32))
  }

  private func genesis(isKeyed: Bool) throws -> Genesis {
    let seats = (1...4).map { id in
      ClusterConfiguration.Seat(
        member: Member(id: NodeID(UInt32(id)), incarnation: Incarnation(UInt64(id))),
        clientAddress: "127.0.0.1:\(8200 + 2 * id)",
        peerAddress: "127.0.0.1:\(8201 + 2 * id)"
      )
    }
    let keys = GenesisKeys(
      members: try (1...4).map { try key(UInt8($0)).publicKey },
      clients: [.init(name: "client-1", key: try key(10).publicKey)]
    )
    return Genesis(
      cluster: ClusterID(high: 1, low: 2),
      configuration: ClusterConfiguration(seats: seats),
      keys: isKeyed ? keys : nil
    )
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  private func url(_ genesis: String?, _ key: String?, host: String = "127.0.0.1:8204") -> String {
    let options = [
      genesis.map { "genesis=\(folder)/\($0)" }, key.map { "key=\(folder)/\($0)" },
    ]
    return "lockstep://\(host)?" + options.compactMap(\.self).joined(separator: "&")
  }

  func test_credentials_whenFilesBelongTogether_nameTheCluster() throws {
    let parsed = try ConnectionURL(parsing: url("g.json", "client.key"))

    let credentials = try ByzantineCredentials.read(parsed)

    XCTAssertEqual(credentials.cluster, ClusterID(high: 1, low: 2))
    XCTAssertEqual(credentials.nodes.map(\.id), [1, 2, 3, 4])
    XCTAssertEqual(credentials.signer.publicKey, try key(10).publicKey)
    XCTAssertNotNil(try credentials.prepare()(4))
    XCTAssertNil(try credentials.prepare()(5))
  }

  func test_credentials_whenSomethingIsWrong_sayWhatByAStableCode() async {
    let table: [(name: String, url: String, code: LockstepError.Code, part: String)] = [
      ("no key", url("g.json", nil), .invalidURL, "key=PATH is missing"),
      ("no genesis", url(nil, "client.key"), .invalidURL, "genesis=PATH is missing"),
      ("neither", "lockstep://127.0.0.1:8204", .invalidURL, "genesis=PATH is missing"),
      ("missing genesis", url("x.json", "client.key"), .fileError, "no such file"),
      ("broken genesis", url("broken.json", "client.key"), .invalidGenesis, "format"),
      ("genesis of mode raft", url("raft.json", "client.key"), .wrongMode, "mode raft"),
      ("missing key", url("g.json", "x.key"), .keyFile, "no such file"),
      ("key that others may read", url("g.json", "open.key"), .keyFile, "chmod 600"),
      ("text for a key", url("g.json", "text.key"), .badKey, "no Ed25519 key"),
      ("a stranger's key", url("g.json", "other.key"), .keyUnknown, "names no client"),
      (
        "a node of another cluster", url("g.json", "client.key", host: "127.0.0.1:9"),
        .wrongCluster, "is no member's address"
      ),
    ]

    for row in table {
      do {
        _ = try await Client.connect(verifying: row.url)
        XCTFail(row.name)
      } catch {
        XCTAssertEqual(error.code, row.code, row.name)
        XCTAssertTrue(error.message.contains(row.part), "\(row.name): \(error.message)")
        XCTAssertEqual(error.outcome, .notApplied, row.name)
      }
    }
  }

  func test_mode_isThatOfTheGenesis() throws {
    func mode(_ url: String) throws -> ByzantineCredentials.Mode {
      try ByzantineCredentials.mode(of: ConnectionURL(parsing: url))
    }

    guard case .bft(let credentials) = try mode(url("g.json", "client.key")) else {
      return XCTFail("it is of mode bft")
    }
    XCTAssertEqual(credentials.cluster, ClusterID(high: 1, low: 2))
    guard case .raft(let cluster?) = try mode(url("raft.json", nil)) else {
      return XCTFail("it is of mode raft")
    }
    XCTAssertEqual(cluster, ClusterID(high: 1, low: 2))
    guard case .raft(nil) = try mode("lockstep://127.0.0.1:8204") else {
      return XCTFail("without a genesis it is of mode raft")
    }
    for (url, code) in [
      (url("raft.json", "client.key"), LockstepError.Code.wrongMode),
      (url("g.json", nil), .invalidURL), (url(nil, "client.key"), .invalidURL),
      (url("x.json", nil), .fileError),
    ] {
      XCTAssertThrowsError(try mode(url)) { error in
        XCTAssertEqual((error as? LockstepError)?.code, code, url)
      }
    }
  }

  func test_plainClient_whenTheURLIsOfAnotherMode_namesTheProduct() async {
    do {
      _ = try await Client.connect(url("g.json", "client.key"))
      XCTFail("it is not verified")
    } catch {
      XCTAssertEqual(error.code, .wrongMode)
      XCTAssertTrue(error.message.contains("import LockstepByzantineClient"))
    }
  }
}
