import ClientProtocol
import Consensus
import Transport

/// A cluster's birth certificate: its name, its members, what they agree on.
struct Genesis: Equatable, Sendable {
  var cluster: ClusterID
  var configuration: ClusterConfiguration
  /// The keys of a cluster of mode bft; nil in mode raft, which has none.
  var keys: GenesisKeys?

  /// Refuses a cluster whose nodes this program cannot run.
  ///
  /// Nothing of mode bft is served yet: a directory made for Raft would be one that lies.
  func requireRaft(_ path: String) throws(CommandFailure) {
    guard keys != nil else { return }
    throw CommandFailure(
      exitCode: .failed,
      code: "mode_not_served",
      message: "\(path): it is of a cluster of mode bft, which this release cannot run",
      hint: "lockstep genesis create without --mode bft"
    )
  }

  /// A cluster that never was, with these members; every number is new.
  static func random(seats: [NodeList.Seat], using number: () -> UInt64) -> Genesis {
    Genesis(
      cluster: ClusterID(high: number(), low: number()),
      configuration: ClusterConfiguration(
        seats: seats.map { seat in
          ClusterConfiguration.Seat(
            // 0 stands for nobody.
            member: Member(id: seat.id, incarnation: Incarnation(max(1, number()))),
            clientAddress: seat.clientAddress.description,
            peerAddress: seat.peerAddress.description
          )
        }
      )
    )
  }
}
