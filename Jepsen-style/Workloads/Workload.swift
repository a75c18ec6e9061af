package import Consensus
package import Linearizability
package import LockstepClient
package import Transport

/// What clients do to the store, and how their answers are judged.
///
/// Each client has a workload of its own, so that what one remembers needs no lock. Clients meet
/// on keys: those of one round are the same for all, and rounds follow each other every few
/// seconds, so that no key's history grows long.
package protocol Workload: Sendable {
  /// The name on the command line.
  static var name: String { get }
  /// What it does, in a line.
  static var summary: String { get }
  /// Who judges what its clients saw.
  static var judge: WorkloadJudge { get }

  /// The workload of one client.
  init(_ seat: ClientSeat)

  /// The next operation.
  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall

  /// Does it, and says how it ended; a call of the store that fails may just be thrown.
  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding

  /// What is asked at the end, when everything has recovered: what was acknowledged and is lost
  /// shows here at the latest.
  static func lastCalls(rounds: Int) -> [WorkloadCall]

  /// What this client asks at the end besides, as only it knows what it has called.
  func ownLastCalls() -> [WorkloadCall]
}

extension Workload {
  /// Nothing.
  package func ownLastCalls() -> [WorkloadCall] { [] }
}

/// Where a client sits.
package struct ClientSeat: Sendable {
  /// Its number, from 0.
  package let number: Int
  /// Where clients reach the nodes.
  package let addresses: [SocketAddress]
  /// How long a call may take, in milliseconds.
  package let timeoutMilliseconds: Int

  /// A seat.
  package init(
    number: Int,
    addresses: [SocketAddress] = [],
    timeoutMilliseconds: Int = 3_000
  ) {
    self.number = number
    self.addresses = addresses
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

/// Who judges what the clients of a workload saw.
package enum WorkloadJudge: Sendable {
  /// A model of docs/formats/history.md; `lockstep history check` says the same of the file.
  case model(HistoryModel)
  /// A machine that histories are compared with, and its name.
  case machine(any Model, name: String)
  /// A judge of the workload's own, for promises that no model speaks of.
  case own(any CallJudge)

  /// The name for reports.
  package var name: String {
    switch self {
    case .model(let model): model.rawValue
    case .machine(_, let name): name
    case .own(let judge): judge.name
    }
  }
}

/// Judges operations of which the models of docs/formats/history.md do not speak.
package protocol CallJudge: Sendable {
  /// The name for reports.
  var name: String { get }
  /// What cannot be, or could not be told, a finding each; empty if everything is as promised.
  func findings(
    in calls: [RecordedCall],
    isTimeOver: @escaping @Sendable () -> Bool
  ) -> [CallFinding]
}
