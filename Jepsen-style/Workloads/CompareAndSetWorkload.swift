import Consensus
import Linearizability
import LockstepClient

/// Single values: read, written, compared and set.
struct CompareAndSetWorkload: Workload {
  static let name = "cas-register"
  static let summary = "single values: read, write, compare and set"
  static let judge = WorkloadJudge.model(.casRegister)
  private static let keysCount = 3

  private var values: WorkloadValues
  /// What the last read found, to be compared with.
  private var seen: [String: HistoryValue] = [:]

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    switch random.number(below: 10) {
    case 0..<4: return WorkloadCall(reading: "read", key)
    case 4..<6: return WorkloadCall("write", key, .integer(values.next()))
    default:
      let expected = seen[key] ?? .null
      return WorkloadCall("cas", key, .list([expected, .integer(values.next())]))
    }
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = call.key ?? ""
    if call.function == "cas", case .list(let pair) = call.value {
      let ending = try await CompareAndSet(key).carryOut(pair[0], pair[1], on: store)
      if case .ok = ending { seen[key] = pair[1] }
      return ending
    }
    guard call.isRead else {
      try await store.kv.put(Key(key), call.value.stored)
      return .ok(call.value)
    }
    let found = HistoryValue(stored: try await store.kv.get(Key(key))?.value)
    if seen.count > 100 { seen = [:] }
    seen[key] = found
    return .ok(found)
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "read", $0) }
  }
}
