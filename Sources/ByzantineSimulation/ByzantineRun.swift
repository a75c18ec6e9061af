/// One seed of the Byzantine mode, from its first message to its verdict.
package enum ByzantineRun {
  /// Runs a cluster with its liars, breaks it, heals it, and checks every promise.
  ///
  /// A broken invariant of the product stops the process, as it does everywhere. The watcher gets
  /// every line of the trace as it happens.
  package static func run(
    _ plan: ByzantinePlan,
    watcher: ((String) -> Void)? = nil
  ) -> ByzantineReport {
    let cluster = ByzantineCluster(plan, watcher: watcher)
    let problem = cluster.run()
    return ByzantineReport(cluster, problem: problem)
  }
}
