import Consensus
import Linearizability
import LockstepClient

/// Values are added, each as a key of its own, and all are read at once by a scan.
struct SetWorkload: Workload {
  static let name = "set"
  static let summary = "adds values under keys of their own, and scans them all"
  static let judge = WorkloadJudge.model(.set)
  private static let setsCount = 2

  private var values: WorkloadValues

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.setsCount, &random)
    guard random.chance(percent: 80) else { return WorkloadCall(reading: "read", key) }
    return WorkloadCall("add", key, .integer(values.next()))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let prefix = "\(call.key ?? "")/"
    guard call.isRead else {
      try await store.kv.put(Key(prefix + call.value.description), call.value.stored)
      return .ok(call.value)
    }
    // A scan shows one moment, however many pages it has.
    let found = try await store.kv.range(.prefix(Key(prefix))).collect()
    return .ok(.list(found.map { HistoryValue(stored: $0.value) }))
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: setsCount).map { WorkloadCall(reading: "read", $0) }
  }
}
