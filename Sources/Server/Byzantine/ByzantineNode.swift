import Consensus
package import Crypto
package import Genesis
import PBFT

/// What makes a process a node of a Byzantine cluster: the cluster's genesis and a private key.
package struct ByzantineCredentials {
  /// The cluster's.
  package let genesis: Genesis
  /// The node's.
  package let key: PrivateKey
  /// The folder in which it keeps proof of others' lies.
  package let evidencePath: String

  /// What belongs together; `ByzantineServer` looks whether it does.
  package init(genesis: Genesis, key: PrivateKey, evidencePath: String) {
    self.genesis = genesis
    self.key = key
    self.evidencePath = evidencePath
  }
}

/// Who this process is in a Byzantine cluster, and what follows from its genesis and its key.
struct ByzantineNode {
  let identity: Identity
  let genesis: Genesis
  /// The digest of the genesis file; nil if the directory does not say.
  let genesisDigest: Digest?
  let authority: Authority
  let verifier: CachingVerifier
  let signer: NotingSigner
  /// Shows the node's key to whoever connects.
  let endpoint: TLSEndpoint

  /// Puts together what belongs together.
  ///
  /// - Throws: `ServerError` if it does not.
  init(
    _ identity: Identity,
    genesisDigest: Digest?,
    with credentials: ByzantineCredentials
  ) throws(ServerError) {
    let (genesis, key) = (credentials.genesis, credentials.key)
    guard let keys = genesis.keys, genesis.cluster == identity.cluster else {
      throw .foreignGenesis
    }
    let place = genesis.configuration.seats.firstIndex { $0.member == identity.member }
    guard let place else { throw .foreignGenesis }
    guard keys.members[place] == key.publicKey else {
      throw .foreignKey(identity.member.id, shown: key.publicKey)
    }
    self.identity = identity
    self.genesis = genesis
    self.genesisDigest = genesisDigest
    let clients = keys.clients.map(\.key)
    verifier = CachingVerifier(keys: keys.members + clients)
    authority = Authority(
      cluster: genesis.cluster,
      replicas: keys.members,
      clients: clients,
      verifier: verifier,
      digester: SHA256Digester()
    )
    signer = NotingSigner(key: key, verifier: verifier)
    do {
      endpoint = try TLSEndpoint(key: key)
    } catch {
      throw .crypto(error)
    }
  }

  /// What the core is given.
  func coreOptions(_ options: ServerOptions) -> PBFTOptions {
    var core = PBFTOptions(
      authority: authority,
      signer: signer,
      configuration: genesis.configuration
    )
    core.viewTimeoutMicroseconds = options.viewTimeoutMicroseconds
    core.checkpointInterval = options.checkpointInterval
    return core
  }
}
