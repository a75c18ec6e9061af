package import Consensus
package import PBFT
import SymbolicCrypto
import Wire

/// Everybody of a small cluster, with all keys: replicas and liars take theirs from here.
package struct ScheduleGenesis: Sendable {
  /// Who may sign what.
  package let authority: Authority
  /// The replicas' keys, by number.
  package let signers: [any Signer]
  /// The clients' keys.
  let clients: [any Signer]
  /// The members, one for each key.
  let configuration: ClusterConfiguration

  /// A cluster of 4 or 7 replicas.
  package init(replicas: Int, clients count: Int = 3) {
    let keys = SymbolicKeys(count: replicas + count, seed: 7)
    signers = Array(keys.signers[..<replicas])
    clients = Array(keys.signers[replicas...])
    authority = Authority(
      cluster: ClusterID(high: 1, low: 2),
      replicas: signers.map(\.publicKey),
      clients: clients.map(\.publicKey),
      verifier: keys,
      digester: SymbolicDigester()
    )
    configuration = ClusterConfiguration(
      seats: (0..<replicas).map {
        ClusterConfiguration.Seat(
          member: Member(id: NodeID(UInt32($0) + 1), incarnation: Incarnation(9)),
          clientAddress: "c",
          peerAddress: "p"
        )
      }
    )
  }

  /// How many replicas there are.
  package var count: Int { signers.count }

  /// What a replica is given: few blocks in flight and checkpoints often, so that short runs meet
  /// both.
  package func options(of place: Int) -> PBFTOptions {
    var options = PBFTOptions(
      authority: authority,
      signer: signers[place],
      configuration: configuration
    )
    options.batchRequestsMax = 4
    options.blocksInFlightMax = 3
    options.checkpointInterval = 4
    options.windowSize = 8
    options.viewTimeoutMicroseconds = 200_000
    options.viewTimeoutMaxMicroseconds = 3_000_000
    options.statusIntervalMicroseconds = 50_000
    options.transferDelayMicroseconds = 150_000
    // Time passes in long steps here in which a replica runs.
    options.tickGapMaxMicroseconds = .max
    return options
  }

  /// A client's envelope: requests of its only session, numbered from `first` on.
  package func envelope(
    client: Int = 0,
    first: UInt64,
    count: Int = 1,
    text: String = ""
  ) -> SignedEnvelope {
    sign(
      (0..<UInt64(count)).map { offset in
        ClientRequest(
          .write,
          session: UInt64(client) + 1,
          sequence: first + offset,
          command: Bytes(Array("\(text)\(first + offset)".utf8))
        )
      },
      by: client
    )
  }

  /// The number of a client.
  func number(of client: Int) -> ClientNumber? {
    authority.number(of: clients[client].publicKey)
  }

  /// An envelope of these requests.
  func sign(_ requests: [ClientRequest], by client: Int) -> SignedEnvelope {
    authority.sign(requests, by: clients[client])
  }

}
