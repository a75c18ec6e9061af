/// What came of a run.
package struct RunResult: Sendable {
  /// What was to be done.
  package var plan: RunPlan
  /// What is said of the history.
  package var verdict: RunVerdict
  /// Every operation, as it is counted.
  package var samples: [CallSample]
  /// Who led, in the order of terms.
  package var leaders: [LeaderSight]
  /// What was done to the cluster.
  package var faults: [RunFault]
  /// What kept faults from happening; nil if nothing did.
  package var faultProblem: String?
  /// Whether all came back when everything was healed.
  package var recovery: Recovery
  /// How long clients called, in microseconds; what follows is the quiet time.
  package var faultTime: Int64
  /// Two nodes that were seen to lead in one term, in a sentence; nil if there were none.
  package var leadershipProblem: String?
  /// The nodes that ended by themselves, from the first call to the end of the run.
  package var ends: [NodeEnd] = []
  /// Whom the nodes accuse in mode `bft`; nil in mode `raft`.
  package var accusations: Accusations?
  /// The snapshots that nodes took and received while anything was broken.
  package var snapshots = SnapshotCounts()
  /// How many were received in the whole run.
  package var installs = 0

  /// Whether all came back in the quiet time.
  package struct Recovery: Sendable {
    /// How long it took until all nodes ran, one led, and all had applied the same.
    package var milliseconds: Int?
    /// What was still wrong at the end, in a sentence.
    package var problem: String?
  }

  /// Operations that had no effect: they were refused, or are reads without an answer.
  package var failedCount: Int { samples.count { $0.ending == .fail } }

  /// The first end of a node that no fault explains; nil if there is none.
  ///
  /// Nothing explains one by a signal. One that says why it cannot go on does what it should where
  /// its disk hung or was full, or its files or its membership were struck, before that.
  package var endProblem: String? {
    ends.first { end in
      end.isCrash
        || !faults.contains {
          $0.kind.mayEndNode && $0.targets.contains(end.node) && $0.from <= end.at ?? .max
        }
    }?.description
  }

  /// Why the run has not tried what it is for; nil if it has.
  package var faultsMissing: String? {
    if let faultProblem { return faultProblem }
    guard !plan.faults.kinds.isEmpty else { return nil }
    guard faults.contains(where: \.wasFelt) else {
      return "nobody felt any fault: more calls, or more time"
    }
    return plan.faults.goals.lazy.compactMap { $0.missing(in: self) }.first
  }

  /// What was still wrong at the end, as the nodes or their clients saw it; nil if nothing was.
  package var recoveryProblem: String? { recovery.problem ?? callsProblem }

  /// What clients could not do any more: a cluster that says that it is well may answer nothing.
  private var callsProblem: String? {
    let answered = samples.filter { $0.ending == .ok && $0.began >= faultTime }
    guard answered.contains(where: { !$0.isRead }) else {
      return "no write was acknowledged in the quiet time"
    }
    guard answered.contains(where: \.isRead) || !samples.contains(where: \.isRead) else {
      return "no read was answered in the quiet time"
    }
    return nil
  }

  /// How the run is called in a word.
  package var word: String {
    let problems = [leadershipProblem, endProblem, accusationProblem].compactMap { $0 }
    if verdict.isBad || !problems.isEmpty { return "failed" }
    if recoveryProblem != nil { return "not_recovered" }
    guard faultsMissing == nil else { return "faults_missing" }
    return verdict.isKnown ? "passed" : "no_verdict"
  }
}
