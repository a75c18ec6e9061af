package import Linearizability

/// One run of a campaign, in a row.
package struct CampaignRow: Sendable {
  /// The run's folder, within that of the campaign.
  package let folder: String
  /// The combination.
  package let combination: String
  /// How many nodes.
  package let nodes: Int
  /// What clients did.
  package let workload: String
  /// How it went, in a word.
  package let result: String
  /// Operations, those that had no effect, and those of which nobody knows.
  package let operations: (all: Int, failed: Int, unknown: Int)
  /// What was seen that cannot be.
  package let anomalies: Int
  /// Faults, and those that were felt.
  package let faults: (all: Int, felt: Int)
  /// Snapshots while anything was broken.
  package let snapshots: SnapshotCounts
  /// Nodes that ended by themselves.
  package let ends: Int
  /// Times of operations that took effect.
  package let latency: LatencyFigures
  /// What each kind of fault did.
  package let figures: [FaultFigures]
  /// Why it did not go well; nil if it did.
  package let problem: String?

  /// The row of a run that came to its end.
  package init(_ report: RunReport, folder: String) {
    let result = report.result
    self.folder = folder
    combination = result.plan.faults.name
    nodes = result.plan.nodes
    workload = result.plan.workload.name
    self.result = result.word
    let verdict = result.verdict
    operations = (verdict.operations, result.failedCount, verdict.unknownOutcomes)
    anomalies = result.verdict.isBad ? result.verdict.findings.count : 0
    faults = (result.faults.count, result.faults.count(where: \.wasFelt))
    ends = result.ends.count
    snapshots = result.snapshots
    latency = report.latency
    figures = report.faults
    problem =
      result.verdict.findings.first?.sentence ?? result.leadershipProblem ?? result.endProblem
      ?? result.accusationProblem ?? result.recoveryProblem ?? result.faultsMissing
  }

  /// The row of a run that could not be made.
  package init(_ plan: RunPlan, folder: String, problem: String) {
    self.folder = folder
    combination = plan.faults.name
    nodes = plan.nodes
    workload = plan.workload.name
    result = "broken_off"
    operations = (0, 0, 0)
    anomalies = 0
    faults = (0, 0)
    ends = 0
    snapshots = SnapshotCounts()
    latency = LatencyFigures([])
    figures = []
    self.problem = problem
  }

  /// How long it took to a new leader: the median in milliseconds.
  package var leaderMedian: Int? {
    let all = figures.flatMap(\.leaderMilliseconds).sorted()
    return all.isEmpty ? nil : all[all.count / 2]
  }

  /// For programs and tables.
  package var json: HistoryValue {
    .object([
      ("combination", HistoryValue(combination)),
      ("nodes", .integer(Int64(nodes))),
      ("workload", HistoryValue(workload)),
      ("result", HistoryValue(result)),
      ("operations", .integer(Int64(operations.all))),
      ("failed", .integer(Int64(operations.failed))),
      ("unknown", .integer(Int64(operations.unknown))),
      ("anomalies", .integer(Int64(anomalies))),
      ("faults", .integer(Int64(faults.all))),
      ("felt", .integer(Int64(faults.felt))),
      ("snapshots", .integer(Int64(snapshots.taken))),
      ("installs", .integer(Int64(snapshots.received))),
      ("ended_by_themselves", .integer(Int64(ends))),
      ("p50_ms", latency.json(0.5)),
      ("p99_ms", latency.json(0.99)),
      ("new_leader_ms", leaderMedian.map { .integer(Int64($0)) } ?? .null),
      ("by_fault", .list(figures.map(\.json))),
      ("folder", HistoryValue(folder)),
      ("problem", problem.map { HistoryValue($0) } ?? .null),
    ])
  }
}
