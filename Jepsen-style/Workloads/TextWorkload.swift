import Consensus
import Linearizability
import LockstepClient

/// Unique pieces of text are put at the end of what is under a key.
struct TextWorkload: Workload {
  static let name = "append"
  static let summary = "puts unique pieces at the end of texts, by revision, and reads them"
  static let judge = WorkloadJudge.model(.append)
  private static let keysCount = 8

  private var values: WorkloadValues

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    guard random.chance(percent: 50) else { return WorkloadCall(reading: "get", key) }
    return WorkloadCall("append", key, HistoryValue("\(values.next());"))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = Key(call.key ?? "")
    guard case .text(let piece) = call.value, !call.isRead else {
      return .ok(.text(try await store.kv.get(key)?.value ?? []))
    }
    return try await RevisedPut(key).carryOut(on: store) { stored in
      RevisedPut.Change(value: stored + piece, result: call.value)
    }
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "get", $0) }
  }
}
