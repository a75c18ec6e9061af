import Consensus
import Crypto
import Genesis
import LockstepClient
import PBFT
import Wire

/// Judges what nodes have signed of a write by the keys of the genesis.
struct ReceiptAssembly: Sendable {
  private let cluster: ClusterID
  private let nodes: [ClusterCredentials.Node]
  private let keys: GenesisKeys

  /// The nodes in the order of their keys.
  init(_ cluster: ClusterID, _ nodes: [ClusterCredentials.Node], _ keys: GenesisKeys) {
    self.cluster = cluster
    self.nodes = nodes
    self.keys = keys
  }

  /// The receipt that f+1 of the nodes stand by; nil if so many do not say the same.
  @Sendable
  func receipt(of write: WriteID, from parts: [[UInt8]]) -> WriteReceipt? {
    let clients = keys.clients.map(\.key)
    let authority = Authority(
      cluster: cluster,
      replicas: keys.members,
      clients: clients,
      verifier: Ed25519Verifier(keys: keys.members + clients),
      digester: SHA256Digester()
    )
    let key = RequestKey(kind: .write, session: write.session, sequence: write.sequence)
    var gathering = ReceiptGathering(of: key, by: authority)
    for part in parts { gathering.add(part) }
    guard let receipt = gathering.receipt else { return nil }
    return WriteReceipt(
      bytes: receipt.encoded(),
      nodes: receipt.words.map { nodes[$0.replica.place].id },
      convictions: gathering.convictions.map { $0.encoded() }
    )
  }
}
