import Consensus
import Linearizability
import LockstepClient

/// The cluster makes ids for documents; no two are the same.
struct UniqueIDsWorkload: Workload {
  static let name = "unique-ids"
  static let summary = "documents whose ids the cluster makes: no two are the same, none is lost"
  static let judge = WorkloadJudge.own(UniqueIDsJudge())

  init(_ seat: ClientSeat) {}

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    WorkloadCall("generate", Self.collection(of: round))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    let ids = store.collection(call.key ?? "")
    if call.isRead { return .ok(try await Self.all(in: ids)) }
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

  /// The ids that are there.
  private static func all(in ids: Collection<JSON>) async throws(LockstepError) -> HistoryValue {
    do throws(LockstepError) {
      let found = try await ids.scan().collect()
      return .list(found.map { HistoryValue($0.id.json.text) })
    } catch {
      guard error.code == .unknownCollection else { throw error }
      return .list([])
    }
  }

  /// One for each round, so that what is read at the end is no longer than a line may be.
  private static func collection(of round: Int) -> String { "ids-\(round)" }

  static func lastCalls(rounds: Int) -> [WorkloadCall] {
    (0..<rounds).map { WorkloadCall(reading: "read", collection(of: $0)) }
  }
}

/// Each id is made once, and found by whoever reads them all later.
package struct UniqueIDsJudge: CallJudge {
  /// The name for reports.
  package let name = "unique-ids"

  /// A judge.
  package init() {}

  /// Every id that was made twice, and what a read lacks.
  package func findings(
    in calls: [RecordedCall],
    isTimeOver: @escaping @Sendable () -> Bool
  ) -> [CallFinding] {
    var first: [HistoryValue: RecordedCall] = [:]
    var findings: [CallFinding] = []
    for call in calls where call.ending == .ok {
      guard call.function == "generate" else {
        findings += lost(from: call, calls)
        continue
      }
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

  /// The ids that were acknowledged before a read began, and that it did not find.
  private func lost(from read: RecordedCall, _ calls: [RecordedCall]) -> [CallFinding] {
    guard case .list(let items) = read.result else { return [] }
    let found = Set(items)
    let lost = calls.filter {
      $0.function == "generate" && $0.key == read.key && $0.ending == .ok
        && !found.contains($0.result)
        && $0.instants.end ?? .max < read.instants.begin
    }
    guard let first = lost.first else { return [] }
    return [
      CallFinding(
        key: read.key.map { "\($0)" },
        sentence: "of the ids that were acknowledged \(lost.count) are lost, \(first.result) first",
        lines: ["process \(first.process): generate → \(first.result)"]
      )
    ]
  }
}
