/// How many connections of each kind leave room for everything else a node opens (P7).
struct DescriptorShares: Equatable {
  /// For the journal, snapshots, our own connections to members, the log and what threads open.
  private static let reserved = 192

  /// The most connections of clients.
  let clients: Int
  /// The most connections at the members' port, most of them of strangers.
  let peers: Int

  /// Divides this many descriptors among no more connections than these.
  init(of descriptors: Int, clientsMax: Int, peersMax: Int) {
    let spare = max(2, descriptors - Self.reserved)
    peers = min(peersMax, max(1, spare / 4))
    clients = min(clientsMax, spare - peers)
  }
}
