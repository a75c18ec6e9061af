import Consensus
import Linearizability
import LockstepClient

/// Documents of a collection: changed by revision, scanned and counted; every answer counts.
struct DocumentsWorkload: Workload {
  static let name = "documents"
  static let summary = "documents: insert, replace by revision, delete, scan, count"
  static let judge = WorkloadJudge.model(.document)
  private static let keysCount = 6

  private var values: WorkloadValues
  /// The revision at which this client last saw a document.
  private var seen: [String: Int64] = [:]

  init(_ seat: ClientSeat) { values = WorkloadValues(client: seat.number) }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = WorkloadValues.key(in: round, of: Self.keysCount, &random)
    let value = ("value", HistoryValue.integer(values.next()))
    let expected = seen[key].map { [("ifRevision", HistoryValue.integer($0))] } ?? []
    switch random.number(below: 20) {
    case 0..<6: return WorkloadCall(reading: "get", key)
    case 6..<8: return WorkloadCall("put", key, .object([value]))
    case 8..<10: return WorkloadCall("insert", key, .object([value]))
    case 10..<16: return WorkloadCall("replace", key, .object([value] + expected))
    case 16: return WorkloadCall("delete", key, expected.isEmpty ? .null : .object(expected))
    case 17..<19: return WorkloadCall(reading: "scan", nil, Self.range(of: round))
    default: return WorkloadCall(reading: "count", nil, Self.range(of: round))
    }
  }

  /// All keys of a round: `k7-` is before each of them, and `k7.` behind.
  private static func range(of round: Int) -> HistoryValue {
    .object([("from", HistoryValue("k\(round)-")), ("to", HistoryValue("k\(round)."))])
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let documents = StoredDocuments(store)
    do throws(LockstepError) {
      let result = try await documents.carryOut(call)
      if let key = call.key, case .integer(let revision)? = result.field("revision") {
        if seen.count > 100 { seen = [:] }
        seen[key] = revision
      }
      return .ok(result)
    } catch {
      if let conflict = StoredDocuments.conflict(in: error) {
        if let key = call.key { seen[key] = conflict == 0 ? nil : conflict }
        return .ok(.object([("conflict", .integer(conflict))]))
      }
      guard error.code == .unknownCollection else { throw error }
      return await documents.make()
    }
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    WorkloadValues.keys(rounds: rounds, each: keysCount).map { WorkloadCall(reading: "get", $0) }
      + [WorkloadCall(reading: "scan", nil, .object([]))]
  }
}
