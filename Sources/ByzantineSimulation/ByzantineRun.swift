import Consensus

/// One seed of the Byzantine mode, from its first message to its verdict.
package enum ByzantineRun {
  /// Runs a cluster with its liars, breaks it, heals it, and checks every promise.
  ///
  /// A broken invariant of the product stops the process, as it does everywhere.
  package static func run(_ plan: ByzantinePlan) -> ByzantineReport {
    let cluster = ByzantineCluster(plan)
    let problem = cluster.run()
    return ByzantineReport(
      seed: plan.seed,
      nodes: plan.replicas,
      liars: plan.liars,
      simulatedMicroseconds: cluster.now,
      operations: cluster.envelopes.reduce(0) { $0 + $1.requests.count },
      views: cluster.views,
      crashes: cluster.crashes,
      evidence: cluster.checker.evidenceCount,
      traceHash: cluster.trace.value,
      problem: problem
    )
  }
}
