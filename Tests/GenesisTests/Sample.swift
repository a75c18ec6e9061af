import Consensus
import Crypto

@testable import Genesis

/// Genesis files for tests.
enum Sample {
  /// A cluster of these many members, a to g, with no keys.
  static func genesis(_ count: Int) -> Genesis {
    var random = RandomSource(seed: 7)
    let seats = "abcdefg".prefix(count).enumerated().map { place, host in
      ClusterConfiguration.Seat(
        member: Member(id: NodeID(UInt32(place + 1)), incarnation: Incarnation(random.next())),
        clientAddress: "\(host):7301",
        peerAddress: host == "b" ? "b:9000" : "\(host):7302"
      )
    }
    return Genesis(
      cluster: ClusterID(high: random.next(), low: random.next()),
      configuration: ClusterConfiguration(seats: seats)
    )
  }

  /// A cluster of mode bft with these many members and two clients.
  static func keyed(_ count: Int) throws -> Genesis {
    let keys = try (1...count + 2).map { number in
      try PrivateKey(seed: [UInt8](repeating: UInt8(number), count: 32)).publicKey
    }
    var genesis = genesis(count)
    genesis.keys = GenesisKeys(
      members: Array(keys[..<count]),
      clients: [
        .init(name: "client-1", key: keys[count]), .init(name: "client-2", key: keys[count + 1]),
      ]
    )
    return genesis
  }
}
