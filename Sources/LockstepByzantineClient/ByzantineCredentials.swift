import ClientProtocol
package import Consensus
import Crypto
import Genesis
package import LockstepClient
import Transport

/// Makes credentials of the files that a URL names.
package enum ByzantineCredentials {
  /// How a cluster is to be asked.
  package enum Mode {
    /// Each node is believed, if it is of this cluster; nil where nothing says which it is.
    case raft(ClusterID?)
    /// What f+1 nodes say alike is believed.
    case bft(ClusterCredentials)
  }

  /// How the cluster of a URL is to be asked, as its genesis says; without one and without a key it
  /// is of mode raft.
  ///
  /// - Throws: What `read` throws; `wrong_mode` for a key where there are none.
  package static func mode(of url: ConnectionURL) throws(LockstepError) -> Mode {
    guard url.isVerifying else { return .raft(nil) }
    guard let path = url.genesis else { return .bft(try read(url)) }
    let genesis = try genesis(path)
    guard genesis.keys == nil else { return .bft(try read(url)) }
    if let key = url.key {
      let message = "key=\(key): \(path) is of a cluster of mode raft, which has no keys"
      throw LockstepError(.wrongMode, message)
    }
    return .raft(genesis.cluster)
  }

  /// What it takes to speak with the cluster of a URL; every link is TLS 1.3, and both sides show
  /// the keys that the genesis names.
  ///
  /// - Throws: `invalid_url`, `file_error`, `invalid_genesis`, `wrong_mode`, `key_file`, `bad_key`,
  ///   `key_unknown` or `wrong_cluster`.
  package static func read(_ url: ConnectionURL) throws(LockstepError) -> ClusterCredentials {
    guard let path = url.genesis, let keyPath = url.key else {
      let missing = url.genesis == nil ? "genesis" : "key"
      throw LockstepError(.invalidURL, "invalid URL: \(missing)=PATH is missing")
    }
    let genesis = try genesis(path)
    guard let keys = genesis.keys else {
      let message = "\(path): it is of a cluster of mode raft, where single nodes are believed"
      throw LockstepError(.wrongMode, message)
    }
    let key = try privateKey(keyPath)
    guard keys.clients.contains(where: { $0.key == key.publicKey }) else {
      let message = "\(keyPath): \(path) names no client of its key \(key.publicKey)"
      throw LockstepError(.keyUnknown, message)
    }
    let nodes = try nodes(of: genesis, path)
    for address in url.addresses where !nodes.contains(where: { $0.address == address }) {
      let message = "\(address) is no member's address in \(path)"
      throw LockstepError(.wrongCluster, message)
    }
    return credentials(genesis.cluster, nodes, keys, key)
  }

  private static func credentials(
    _ cluster: ClusterID,
    _ nodes: [ClusterCredentials.Node],
    _ keys: GenesisKeys,
    _ key: PrivateKey
  ) -> ClusterCredentials {
    let known = [UInt32: PublicKey](
      uniqueKeysWithValues: zip(nodes, keys.members).map { ($0.id, $1) }
    )
    return ClusterCredentials(
      cluster: cluster,
      nodes: nodes,
      signer: key,
      digester: SHA256Digester(),
      assembleReceipt: ReceiptAssembly(cluster, nodes, keys).receipt
    ) { () throws(LockstepError) in
      do {
        let endpoint = try TLSEndpoint(key: key)
        return { node in known[node].map { endpoint.connect(to: $0) } }
      } catch {
        throw LockstepError(.internalError, "\(error)", outcome: .notApplied)
      }
    }
  }

  private static func genesis(_ path: String) throws(LockstepError) -> Genesis {
    do {
      return try GenesisFile(path: path).genesis
    } catch {
      throw LockstepError(ErrorCode(rawValue: error.code) ?? .invalidGenesis, "\(error)")
    }
  }

  private static func privateKey(_ path: String) throws(LockstepError) -> PrivateKey {
    do {
      return try KeyFile.read(path)
    } catch {
      throw LockstepError(ErrorCode(rawValue: error.code) ?? .keyFile, "\(error)")
    }
  }

  private static func nodes(
    of genesis: Genesis,
    _ path: String
  ) throws(LockstepError) -> [ClusterCredentials.Node] {
    var nodes: [ClusterCredentials.Node] = []
    for seat in genesis.configuration.seats {
      do {
        let address = try SocketAddress(parsing: seat.clientAddress)
        nodes.append(.init(id: seat.member.id.rawValue, address: address))
      } catch {
        throw LockstepError(.invalidGenesis, "\(path): \(error)")
      }
    }
    return nodes
  }
}
