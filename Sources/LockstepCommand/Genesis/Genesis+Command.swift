import ClientProtocol
import Consensus
import Genesis
import Transport

extension Genesis {
  /// The birth certificate in a file.
  static func read(_ path: String) throws(CommandFailure) -> Genesis {
    try readFile(path).genesis
  }

  /// The same with the file's bytes.
  static func readFile(_ path: String) throws(CommandFailure) -> GenesisFile {
    do {
      return try GenesisFile(path: path)
    } catch {
      throw .of(code: error.code, "\(error)", hint: error.hint)
    }
  }

  /// Refuses a cluster of mode bft, whose nodes cannot begin with what others have left.
  func requireRaft(_ path: String) throws(CommandFailure) {
    guard keys != nil else { return }
    throw CommandFailure(
      exitCode: .failed,
      code: "mode_not_served",
      message: "\(path): it is of a cluster of mode bft, which cannot begin with a backup",
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
