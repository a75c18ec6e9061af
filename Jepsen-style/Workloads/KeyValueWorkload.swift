import Consensus
import Linearizability
import LockstepClient

/// Unique values under keys: put, compare and set, removed, read.
struct KeyValueWorkload: Workload {
  static let name = "kv"
  static let summary = "unique values under keys: get, put, cas, del"
  static let judge = WorkloadJudge.model(.kv)
  private static let keysCount = 5

  private var values: WorkloadValues
  /// What the last read found, to be compared with.
  private var seen: [String: HistoryValue] = [:]

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    switch random.number(below: 20) {
    case 0..<9: return WorkloadCall(reading: "get", key)
    case 9..<14: return WorkloadCall("put", key, .integer(values.next()))
    case 14..<19:
      let expected = seen[key] ?? .null
      return WorkloadCall("cas", key, .list([expected, .integer(values.next())]))
    default: return WorkloadCall("del", key)
    }
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = call.key ?? ""
    switch (call.function, call.value) {
    case ("put", let value):
      try await store.kv.put(Key(key), value.stored)
      return .ok(value)
    case ("cas", .list(let pair)):
      return try await CompareAndSet(key).carryOut(pair[0], pair[1], on: store)
    case ("del", _):
      try await store.kv.delete(Key(key))
      return .ok(.null)
    default:
      let found = HistoryValue(stored: try await store.kv.get(Key(key))?.value)
      if seen.count > 100 { seen = [:] }
      seen[key] = found
      return .ok(found)
    }
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "get", $0) }
  }
}
