import Consensus
import Linearizability
import LockstepClient
import Transport

/// Reads at each level of consistency beside writes; every answer names its revision.
///
/// Results are `[value, revision, began, ended]`, with the microseconds of one clock: of a stale
/// read it matters how long ago what it lacks was acknowledged.
struct ConsistencyWorkload: Workload {
  static let name = "consistency"
  static let summary = "reads at each consistency level, judged for what that level promises"
  static let judge = WorkloadJudge.own(ConsistencyJudge(staleMaxMilliseconds: staleMaxMilliseconds))
  private static let keysCount = 2
  /// Keys of a round are too young for a read of them to be too stale: one key lives longer.
  private static let longRoundsCount = 12
  private static let staleMaxMilliseconds = 500

  private var values: WorkloadValues

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let isLong = random.oneIn(Self.keysCount + 1)
    let key =
      isLong
      ? Self.longKey(in: round) : WorkloadValues.key(in: round, of: Self.keysCount, &random)
    switch random.number(below: 10) {
    case 0..<4: return WorkloadCall("put", key, .integer(values.next()))
    case 4..<6: return WorkloadCall(reading: "get", key)
    default: return WorkloadCall(reading: "stale-get", key)
    }
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let key = Key(call.key ?? "")
    let began = MonotonicClock.now()
    guard call.isRead else {
      let revision = try await store.kv.put(key, call.value.stored).revision
      return .ok(Self.result(call.value, revision, since: began))
    }
    let stale = Consistency.stale(maxLag: .milliseconds(Self.staleMaxMilliseconds))
    let level = call.function == "get" ? Consistency.linearizable : stale
    let found = try await store.kv.get(key, consistency: level)
    return .ok(
      Self.result(HistoryValue(stored: found?.value), found?.revision ?? 0, since: began)
    )
  }

  private static func result(
    _ value: HistoryValue,
    _ revision: UInt64,
    since began: UInt64
  ) -> HistoryValue {
    let times = [began, MonotonicClock.now()].map { HistoryValue.integer(Int64($0)) }
    return .list([value, .integer(Int64(revision))] + times)
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    let longKeys = stride(from: 0, to: rounds, by: longRoundsCount).map { longKey(in: $0) }
    let keys = WorkloadValues.keys(rounds: rounds, each: keysCount) + longKeys
    return keys.map { WorkloadCall(reading: "get", $0) }
  }

  private static func longKey(in round: Int) -> String { "l\(round / longRoundsCount)" }
}
