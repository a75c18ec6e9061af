import Consensus
import Linearizability
import LockstepClient

/// Unique pieces of text are put at the end of what is under a key.
struct TextWorkload: Workload {
  static let name = "append"
  static let summary = "puts unique pieces at the end of texts, by revision, and reads them"
  static let judge = WorkloadJudge.model(.append)
  private static let keysCount = 8
  /// So often somebody else may come first.
  private static let triesMax = 10

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
    for _ in 0..<Self.triesMax {
      let found: KeyValue?
      do throws(LockstepError) {
        found = try await store.kv.get(key)
      } catch {
        // Nothing has been written yet, or it was refused.
        return .fail(error.code.rawValue)
      }
      let revision = found?.revision ?? 0
      do throws(LockstepError) {
        try await store.kv.put(key, (found?.value ?? []) + piece, ifRevision: revision)
        return .ok(call.value)
      } catch {
        guard error.code == .revisionConflict else { throw error }
      }
    }
    return .fail("others-came-first")
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "get", $0) }
  }
}
