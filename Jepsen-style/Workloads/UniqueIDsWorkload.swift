import Consensus
import Linearizability
import LockstepClient

/// The cluster makes ids for documents; no two are the same.
struct UniqueIDsWorkload: Workload {
  static let name = "unique-ids"
  static let summary = "documents whose ids the cluster makes: no two are the same"
  static let judge = WorkloadJudge.own(UniqueIDsJudge())
  private static let collection = "ids"

  init(_ seat: ClientSeat) {}

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    WorkloadCall("generate", nil)
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let ids = store.collection(Self.collection)
    do throws(LockstepError) {
      return .ok(HistoryValue(try await ids.insert([:]).id.json.text))
    } catch {
      guard error.code == .unknownCollection else { throw error }
    }
    do throws(LockstepError) {
      try await ids.create()
    } catch {
      guard error.code == .collectionExists else { return .fail(error.code.rawValue) }
    }
    return .fail("collection-is-new")
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] { [] }
}

/// Each id is there once.
package struct UniqueIDsJudge: CallJudge {
  /// The name for reports.
  package let name = "unique-ids"

  /// A judge.
  package init() {}

  /// Every id that was made twice.
  package func findings(
    in calls: [RecordedCall],
    isTimeOver: @escaping @Sendable () -> Bool
  ) -> [CallFinding] {
    var first: [HistoryValue: RecordedCall] = [:]
    var findings: [CallFinding] = []
    for call in calls where call.ending == .ok {
      guard let other = first.updateValue(call, forKey: call.result) else { continue }
      findings.append(
        CallFinding(
          key: nil,
          sentence: "the id \(call.result) was made twice",
          lines: [other, call].map { "process \($0.process): generate → \($0.result)" }
        )
      )
    }
    return findings
  }
}
