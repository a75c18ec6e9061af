import Consensus
import Crypto
import Genesis
import Server
import Storage

/// `lockstep server init` and `start` for a node of a Byzantine cluster.
enum ByzantineServerCommand {
  private static func genesisPath(in data: String) -> String { "\(data)/genesis.json" }
  private static func keyPath(in data: String) -> String { "\(data)/node.key" }

  /// Makes a directory that holds the genesis and the node's key besides what all directories hold.
  ///
  /// Both come last: a directory without them does not start, and says so.
  @MainActor
  static func initialize(
    _ invocation: Invocation,
    _ file: GenesisFile
  ) throws(CommandFailure) {
    let data = invocation.text("data")
    let node = NodeID(UInt32(invocation.integer("id")))
    let key = try key(of: node, file.genesis, invocation)
    try ServerCommand.making(data) { disk throws(NodeDirectoryError) in
      try NodeDirectory.create(
        on: disk,
        genesis: file.genesis,
        digest: file.digest(SHA256Digester()),
        node: node
      )
    } finishing: { () throws(CommandFailure) in
      try TextFile.create(genesisPath(in: data), file.bytes)
      try writeKey(keyPath(in: data), key)
      try syncFolder(data)
    }
    Output(invocation).printResult([
      JSONValue.Field("cluster", .text("\(file.genesis.cluster)")),
      JSONValue.Field("mode", .text("bft")),
      JSONValue.Field("node", .integer(Int(node.rawValue))),
      JSONValue.Field("data", .text(data)),
    ])
  }

  /// The private key that is asked for, if it is the one that the genesis names.
  private static func key(
    of node: NodeID,
    _ genesis: Genesis,
    _ invocation: Invocation
  ) throws(CommandFailure) -> PrivateKey {
    guard let path = invocation.optional("key") else {
      throw .usage(
        "--key names the node's private key: the cluster is of mode bft",
        hint: "genesis create has made node-\(node.rawValue).key beside the genesis file"
      )
    }
    let key = try readKey(path)
    guard let named = genesis.key(of: node) else {
      throw .of(code: "invalid_argument", "the genesis file names no node \(node.rawValue)")
    }
    guard named == key.publicKey else {
      throw .of(
        code: "bad_key",
        "\(path): the genesis names another key for node \(node.rawValue): \(named)"
      )
    }
    return key
  }

  private static func readKey(_ path: String) throws(CommandFailure) -> PrivateKey {
    do {
      return try KeyFile.read(path)
    } catch {
      throw .of(code: error.code, "\(error)")
    }
  }

  private static func writeKey(_ path: String, _ key: PrivateKey) throws(CommandFailure) {
    do {
      try KeyFile.create(path, key)
    } catch {
      throw .of(code: error.code, "\(error)")
    }
  }

  private static func syncFolder(_ data: String) throws(CommandFailure) {
    let disk = try ServerCommand.disk(data, creating: false)
    do {
      try disk.syncFolder()
    } catch {
      throw .file(data, ServerCommand.sentence(error))
    }
  }

  /// What the directory says about its cluster: the genesis that it was made from, unchanged, and
  /// the node's key.
  static func credentials(
    in data: String,
    digest: Digest
  ) throws(CommandFailure) -> ByzantineCredentials {
    let path = genesisPath(in: data)
    let file: GenesisFile
    do {
      file = try GenesisFile(path: path)
    } catch {
      throw .of(code: error.code, "\(error)", hint: "copy the cluster's genesis file to \(path)")
    }
    guard file.digest(SHA256Digester()) == digest else {
      throw .of(code: "directory_foreign", "\(path): the directory was made from another file")
    }
    return ByzantineCredentials(
      genesis: file.genesis,
      key: try readKey(keyPath(in: data)),
      evidencePath: data + "/evidence"
    )
  }
}
