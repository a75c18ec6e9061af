import ClientProtocol
import Consensus
import Crypto
import Genesis
import PBFT

extension Genesis {
  /// Who may sign what in the cluster that a genesis file founds.
  static func authority(
    _ path: String
  ) throws(CommandFailure) -> (genesis: Genesis, authority: Authority) {
    let genesis = try read(path)
    guard let keys = genesis.keys else {
      throw CommandFailure(
        exitCode: .usage,
        code: "invalid_genesis",
        message: "\(path): it is of mode raft, in which nobody signs anything",
        hint: "give the genesis file of the cluster of mode bft"
      )
    }
    let authority = Authority(
      cluster: genesis.cluster,
      replicas: keys.members,
      clients: keys.clients.map(\.key),
      verifier: Ed25519Verifier(keys: keys.members + keys.clients.map(\.key)),
      digester: SHA256Digester()
    )
    return (genesis, authority)
  }

  /// A replica as its operator knows it.
  func name(of replica: ReplicaNumber) -> String {
    guard replica.place < configuration.seats.count else { return "replica \(replica.rawValue)" }
    let node = configuration.seats[replica.place].member.id
    return "replica \(replica.rawValue), node \(node.rawValue)"
  }

  /// A client as its operator knows it.
  func name(of client: PublicKey) -> String {
    let known = keys?.clients.first { $0.key == client }
    return known.map { "client \($0.name)" } ?? "client \(client)"
  }

  /// Whoever evidence names.
  func name(of culprit: Culprit) -> String {
    switch culprit {
    case .replica(let number): name(of: number)
    case .client(let key): name(of: key)
    }
  }
}
