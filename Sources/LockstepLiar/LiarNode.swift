import Consensus
import Crypto
import Genesis
import Liars
import PBFT
import Server
import Storage
import Transport

/// What a command line asks for: a directory's node, and its lie.
struct LiarNode {
  private let data: String
  private let lie: Lie
  /// Where other members are dialed, if not where the genesis says.
  private let detours: [NodeID: String]

  init(_ words: [String]) throws(LiarUsage) {
    guard Array(words.prefix(2)) == ["server", "start"] else { throw .notServerStart }
    var values: [String: String] = [:]
    var rest = words.dropFirst(2)
    while let flag = rest.popFirst() {
      guard ["--data", "--lie", "--peer-address"].contains(flag), let value = rest.popFirst() else {
        throw .unknownFlag(flag)
      }
      values[flag] = value
    }
    guard let data = values["--data"] else { throw .missing("data") }
    guard let name = values["--lie"] else { throw .missing("lie") }
    guard let lie = Lie(rawValue: name) else { throw .unknownLie(name) }
    self.data = data
    self.lie = lie
    detours = Self.detours(in: values["--peer-address"] ?? "")
  }

  /// Reads `2=HOST:PORT,3=…`; what is no such thing is as nothing.
  private static func detours(in text: String) -> [NodeID: String] {
    var found: [NodeID: String] = [:]
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let id = UInt32(parts[0]) else { continue }
      found[NodeID(id)] = String(parts[1])
    }
    return found
  }

  /// Serves until a signal ends the process, which leaves what a power cut would.
  func run() throws {
    guard let disk = try? PosixDisk(path: data, creating: false) else {
      throw LiarUsage.noDirectory(data)
    }
    let directory = try NodeDirectory(opening: disk)
    guard directory.genesisDigest != nil else { throw LiarUsage.notByzantine(data) }
    let genesis = try GenesisFile(path: "\(data)/genesis.json").genesis
    guard let keys = genesis.keys else { throw LiarUsage.notByzantine(data) }
    let key = try KeyFile.read("\(data)/node.key")
    let waker = try Waker()
    var options = ServerOptions()
    options.peerAddresses = detours
    let server = try ByzantineServer(
      directory: directory,
      credentials: ByzantineCredentials(
        genesis: genesis,
        key: key,
        evidencePath: "\(data)/evidence"
      ),
      options: options,
      waker: waker,
      orders: Mailbox<ServerOrder>(waking: waker)
    )
    server.misconduct = lie.misconduct(in: seat(in: genesis, keys, key))
    try server.run()
  }

  private func seat(in genesis: Genesis, _ keys: GenesisKeys, _ key: PrivateKey) -> LiarSeat {
    let clients = keys.clients.map(\.key)
    return LiarSeat(
      authority: Authority(
        cluster: genesis.cluster,
        replicas: keys.members,
        clients: clients,
        verifier: Ed25519Verifier(keys: keys.members + clients),
        digester: SHA256Digester()
      ),
      signer: key,
      members: genesis.configuration.seats.map(\.member)
    )
  }
}
