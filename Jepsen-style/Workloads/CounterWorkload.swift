import Consensus
package import Linearizability
import LockstepClient

/// Numbers are counted up by the store itself, and read.
struct CounterWorkload: Workload {
  static let name = "counter"
  static let summary = "increments by the store itself, each with its sum, and reads"
  static let judge = WorkloadJudge.machine(CounterMachine(), name: "counter")
  private static let keysCount = 3

  init(_ seat: ClientSeat) {}

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    guard random.chance(percent: 60) else { return WorkloadCall(reading: "read", key) }
    // Sums of different amounts tell which of them are in it.
    return WorkloadCall("add", key, .integer(Int64(random.number(in: 1..<100_000))))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = Key(call.key ?? "")
    guard case .integer(let amount) = call.value, !call.isRead else {
      let found = HistoryValue(stored: try await store.kv.get(key)?.value)
      return .ok(found == .null ? .integer(0) : found)
    }
    return .ok(.integer(try await store.kv.increment(key, by: amount).value))
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "read", $0) }
  }
}

/// A number that only grows: `add` gives the sum, `read` too.
package struct CounterMachine: Model {
  /// Nothing has been added.
  package var initial: Int64 { 0 }

  /// The sum after an operation.
  package func step(_ sum: Int64, _ call: ModelCall) -> Int64? {
    guard call.function == "add", case .integer(let amount) = call.argument else {
      return call.allows(.integer(sum)) ? sum : nil
    }
    return call.allows(.integer(sum + amount)) ? sum + amount : nil
  }
}
