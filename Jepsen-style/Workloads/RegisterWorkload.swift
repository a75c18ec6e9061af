import Consensus
import Linearizability
import LockstepClient

/// Reads and writes of single values.
struct RegisterWorkload: Workload {
  static let name = "register"
  static let summary = "reads and writes of single values"
  static let judge = WorkloadJudge.model(.register)
  private static let keysCount = 4

  private var values: WorkloadValues

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    guard random.chance(percent: 50) else { return WorkloadCall(reading: "read", key) }
    return WorkloadCall("write", key, .integer(values.next()))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = Key(call.key ?? "")
    guard call.isRead else {
      try await store.kv.put(key, call.value.stored)
      return .ok(call.value)
    }
    return .ok(HistoryValue(stored: try await store.kv.get(key)?.value))
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "read", $0) }
  }
}
