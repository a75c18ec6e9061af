import ClientProtocol
import Consensus
import Crypto
import Genesis
import PBFT
import Replication
import Storage
import Transport
import Wire

// Proofs of lies, and what this node signs for its clients.
extension ByzantineServer {
  /// The keeper has a verifier and a digester of its own: what one proof asks for must not hold up
  /// the loop.
  static func evidenceKeeper(
    of node: ByzantineNode,
    in folder: String,
    _ waker: Waker
  ) throws(TransportError) -> EvidenceKeeper {
    let keys = node.authority.replicas + node.authority.clients
    return try EvidenceKeeper(
      authority: Authority(
        cluster: node.authority.cluster,
        replicas: node.authority.replicas,
        clients: node.authority.clients,
        verifier: Ed25519Verifier(keys: keys),
        digester: SHA256Digester()
      ),
      waker: waker,
      openFolder: { () throws(DiskError) in try PosixDisk(path: folder, creating: true) }
    )
  }

  func obey(_ notice: EvidenceKeeper.Notice) {
    switch notice {
    case .kept(let id, let culprit, let bytes):
      say(.error, "evidence.found", [("id", "\(id)"), ("culprit", culprit.name(in: node.genesis))])
      peers?.send(.evidence(bytes), to: others)
    case .shown(let bytes, let round):
      let others = others
      guard !others.isEmpty else { return }
      peers?.send(.evidence(bytes), to: [others[round % others.count]])
    case .unproven(let sender):
      say(.warning, "evidence.unproven", [("peer", "\(sender)")])
    case .failed(let error):
      say(.error, "evidence.failed", [("reason", "\(error)")])
    }
  }

  private var others: [Member] {
    node.genesis.configuration.seats.map(\.member).filter { $0 != node.identity.member }
  }

  /// What this node signs of a write, as bytes of a `Receipt` with its word alone; nil if it has
  /// not applied it, or remembers it no more.
  func receipt(for key: RequestKey, of client: ByzantineClient) -> [UInt8]? {
    guard let known = replica.remembered(key, of: client.number) else { return nil }
    let receipt = replica.core.receipt(
      for: key,
      of: client.key,
      at: known.index,
      result: known.result
    )
    return receipt?.encoded(expectedSize: 1_024)
  }
}
