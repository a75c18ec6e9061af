/// One seed, from its first event to its verdict.
package enum SimulationRun {
  /// Runs a cluster, breaks it, and checks every promise.
  ///
  /// A broken invariant of the product stops the process, as it does everywhere.
  ///
  /// - Parameters:
  ///   - seed: Where everything comes from.
  ///   - options: What is left out of it, and other departures from the seed.
  ///   - watcher: Gets every line of the trace as it happens.
  /// - Returns: What came of it; equal for equal arguments.
  package static func run(
    seed: UInt64,
    _ options: RunOptions = RunOptions(),
    watcher: ((String) -> Void)? = nil
  ) -> SimulationReport {
    let cluster = SimulatedCluster(seed: seed, options, watcher: watcher)
    var verdict = SimulationReport.Verdict.ok
    var keysNeedingFates = 0
    do throws(Violation) {
      try cluster.run()
      var replay = HistoryReplay(cluster.history, cluster.applied)
      try replay.check()
      keysNeedingFates = try KeyHistories(cluster.history, cluster.applied).check()
    } catch {
      verdict = .broken(error)
    }
    return SimulationReport(
      seed: seed,
      nodes: cluster.foundersCount,
      simulatedMicroseconds: cluster.now,
      operations: cluster.history.answeredCount,
      traceHash: cluster.trace.digest,
      faults: cluster.faults.all.map { .init(kind: $0.kind, count: $0.count) },
      coverage: cluster.coverage.all.map { .init(mark: $0.mark, count: $0.count) },
      leaderChanges: cluster.checker.leaderChanges,
      crashes: cluster.crashes,
      keysNeedingFates: keysNeedingFates,
      verdict: verdict,
      aftermath: aftermath(of: verdict, cluster, seed: seed)
    )
  }

  /// What led to a broken promise; if the history showed it, the run is repeated up to there.
  private static func aftermath(
    of verdict: SimulationReport.Verdict,
    _ cluster: SimulatedCluster,
    seed: UInt64
  ) -> SimulationReport.Aftermath? {
    guard case .broken(let violation) = verdict else { return nil }
    guard let operation = violation.operation else { return cluster.aftermath }
    let again = SimulatedCluster(seed: seed, cluster.options)
    do throws(Violation) {
      try again.run(toEndOf: operation)
      return again.aftermath
    } catch {
      return cluster.aftermath
    }
  }
}
