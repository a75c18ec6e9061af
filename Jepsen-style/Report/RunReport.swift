package import Linearizability

/// The figures of a finished run, for programs and for pages.
package struct RunReport: Sendable {
  /// What came of it.
  package let result: RunResult
  /// Operations that took effect, by time.
  package let latency: LatencyFigures

  /// What each kind of fault did.
  package let faults: [FaultFigures]

  /// The figures of a run.
  package init(_ result: RunResult) {
    self.result = result
    faults = FaultFigures.all(of: result)
    latency = LatencyFigures(result.samples)
  }

  /// The share of operations of which nobody knows, in percent.
  package var unknownShare: Double {
    let verdict = result.verdict
    return verdict.operations == 0
      ? 0 : Double(verdict.unknownOutcomes) / Double(verdict.operations) * 100
  }

  /// The contents of `verdicts.json`.
  package var json: HistoryValue { .object(asked + measured + suffered) }

  private typealias Fields = [(String, HistoryValue)]

  /// What was done, and what is said of it.
  private var asked: Fields {
    let (plan, verdict) = (result.plan, result.verdict)
    return [
      ("result", HistoryValue(result.word)),
      ("workload", HistoryValue(plan.workload.name)),
      ("judge", HistoryValue(verdict.judge)),
      ("verdict", HistoryValue(verdict.word)),
      ("findings", .list(verdict.findings.map(\.json))),
      ("nemesis", HistoryValue(plan.faults.name)),
      ("mode", HistoryValue(plan.mode.rawValue)),
      ("liar", plan.liars.isEmpty ? .null : HistoryValue(plan.lies)),
      ("reads", HistoryValue(plan.readsFast ? "fast" : "ordered")),
      ("nodes", .integer(Int64(plan.nodes))),
      ("clients", .integer(Int64(plan.clients))),
      ("seed", .integer(Int64(clamping: plan.seed))),
      ("seconds", .integer(Int64(plan.seconds))),
    ]
  }

  /// What clients met with.
  private var measured: Fields {
    let verdict = result.verdict
    return [
      ("operations", .integer(Int64(verdict.operations))),
      ("keys", .integer(Int64(verdict.keys))),
      ("failed", .integer(Int64(result.failedCount))),
      ("unknown_outcomes", .integer(Int64(verdict.unknownOutcomes))),
      ("unknown_percent", .decimal(unknownShare, places: 3)),
      ("p50_ms", latency.json(0.5)),
      ("p99_ms", latency.json(0.99)),
      ("judged_in_seconds", .decimal(verdict.seconds, places: 3)),
    ]
  }

  /// What was done to the nodes, and what came of them.
  private var suffered: Fields {
    let accusations = result.accusations
    return [
      ("faults", .list(faults.map(\.json))),
      ("fault_problem", text(result.faultsMissing)),
      ("snapshots_amid_faults", .integer(Int64(result.snapshots.taken))),
      ("installs_amid_faults", .integer(Int64(result.snapshots.received))),
      ("installs", .integer(Int64(result.installs))),
      ("leadership_problem", text(result.leadershipProblem)),
      ("ended_by_themselves", .texts(result.ends.map(\.description))),
      ("end_problem", text(result.endProblem)),
      ("evidence", accusations.map { .texts($0.summary) } ?? .null),
      ("audit", text(accusations?.auditWord)),
      ("accusation_problem", text(result.accusationProblem)),
      ("leaders", .integer(Int64(result.leaders.count))),
      ("recovered_in_ms", result.recovery.milliseconds.map { .integer(Int64($0)) } ?? .null),
      ("recovery_problem", text(result.recoveryProblem)),
    ]
  }

  private func text(_ words: String?) -> HistoryValue { words.map { HistoryValue($0) } ?? .null }
}

extension CallFinding {
  /// The finding as JSON.
  var json: HistoryValue {
    .object([
      ("key", key.map { HistoryValue($0) } ?? .null),
      ("sentence", HistoryValue(sentence)),
      ("operations", .list(lines.map { HistoryValue($0) })),
    ])
  }
}

extension LatencyFigures {
  /// A share's time as JSON.
  func json(_ share: Double) -> HistoryValue {
    milliseconds(share).map { .decimal($0, places: 2) } ?? .null
  }
}
