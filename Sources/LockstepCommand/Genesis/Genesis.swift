import Consensus
import Transport

/// A cluster's birth certificate: its name, its members, what they agree on.
struct Genesis: Equatable, Sendable {
  var cluster: ClusterID
  var configuration: ClusterConfiguration

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
