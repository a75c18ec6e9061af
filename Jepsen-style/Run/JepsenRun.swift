import LockstepClient

/// A run: a cluster, its clients, its faults, a quiet time, and a verdict.
@MainActor
package final class JepsenRun {
  /// How long a cluster may take until it takes its first write.
  private static let beginSeconds = 30
  /// How much longer than the quiet time a problem must last.
  private static let graceMicroseconds: Int64 = 2_000_000
  /// How often nodes are asked how they stand.
  private static let glance = Duration.milliseconds(100)

  /// What happens.
  package let plan: RunPlan
  private let cluster: ProcessCluster
  private let recorder: HistoryRecorder
  private let load: ClientLoad
  private let nemesis: Nemesis
  private let watch: FaultWatch
  private var leaders = LeaderSights()
  private var ends: [NodeEnd] = []
  private var isInterrupted = false

  /// Makes the folder and the cluster in it, which does not run yet.
  package init(_ plan: RunPlan) throws(HarnessError) {
    self.plan = plan
    try Folder.make(plan.folder)
    var own = ProcessCluster.Plan(
      binary: plan.binaries[0],
      nodesCount: plan.nodes,
      basePort: plan.basePort,
      folder: plan.folder + "/cluster"
    )
    own.binaries = plan.binaries
    own.mode = plan.mode
    own.liars = plan.liars
    own.network = plan.network.hosts
    cluster = try ProcessCluster(own)
    recorder = try HistoryRecorder(plan.folder + "/history.ndjson")
    load = ClientLoad(plan, own, recorder)
    nemesis = Nemesis(cluster: cluster, network: try plan.makeNetwork(for: own))
    if let size = plan.snapshotAfter ?? plan.faults.snapshotAfter {
      // A liar takes no flag that makes it behave.
      for node in 1...plan.nodes - plan.liars.count {
        cluster.startWords[node, default: []] += ["--snapshot-after", size]
      }
    }
    watch = FaultWatch(nemesis, recorder)
  }

  /// How far the run is: seconds that are over, and operations that have ended.
  package var progress: (seconds: Double, operations: Int) {
    (Double(recorder.now) / 1e6, recorder.count)
  }

  /// What happens at the moment, in a few words.
  package var words: String {
    let leader = leaders.sights.last.map { "n\($0.node) leads term \($0.term)" } ?? "nobody leads"
    return watch.words.isEmpty ? leader : "\(leader), \(watch.words)"
  }

  /// Ends the run early: what was recorded is judged.
  package func interrupt() {
    isInterrupted = true
  }

  /// Does everything; the nodes are gone at the end.
  package func run() async throws(HarnessError) -> RunResult {
    defer {
      cluster.stopAll()
      nemesis.remove()
    }
    try await nemesis.prepare(for: plan.faults.kinds)
    try cluster.startAll()
    try await waitUntilWritable()
    do throws(LockstepError) { try await load.connect() } catch {
      throw .clients(error.description)
    }
    recorder.startClock()
    let calling = Task { [load] in await load.run() }
    let schedule = plan.faults.plan(seed: plan.seed, nodes: plan.nodes, seconds: plan.seconds)
    if let schedule { watch.begin(schedule) }
    try await pass(untilSecond: plan.seconds)
    await watch.end()
    let faultTime = recorder.now
    load.beginQuietTime()
    var recovery = try await recover()
    load.stop()
    await calling.value
    if recovery.problem == nil { recovery.problem = await waitUntilEqual() }
    recovery.problem = recovery.problem ?? load.problem
    noteEnds()
    cluster.stopAll()
    try recorder.finish()
    let samples = recorder.samples
    let faults = watch.faults(feltBy: samples)
    let accusations = await accusations(after: faults)
    var verdict = try RunVerdict(recorder.path, by: plan.workload.judge)
    verdict.unknownOutcomes = samples.count { $0.ending == .info }
    return RunResult(
      plan: plan,
      verdict: verdict,
      samples: samples,
      leaders: leaders.sights,
      faults: faults,
      faultProblem: watch.problem?.description,
      recovery: recovery,
      faultTime: faultTime,
      leadershipProblem: leaders.problem,
      ends: ends,
      accusations: accusations,
      snapshots: watch.snapshotsAmidFaults,
      installs: SnapshotCounts.count(in: (1...plan.nodes).map { cluster.log(of: $0) }).received
    )
  }

  /// What the directories of those who do not lie prove; nodes that lost promises are not audited.
  private func accusations(after faults: [RunFault]) async -> Accusations? {
    guard plan.mode == .bft else { return nil }
    let honest = Array(1...plan.nodes - plan.liars.count)
    let struck = Set(faults.filter(\.kind.destroys).flatMap(\.targets))
    return await cluster.accusations(
      of: honest,
      auditing: honest.filter { !struck.contains($0) }
    )
  }

  private func waitUntilWritable() async throws(HarnessError) {
    for _ in 0..<Self.beginSeconds * 20 {
      if await cluster.isWritable() { return }
      if let failure = cluster.firstFailure() { throw failure }
      try? await Task.sleep(for: .milliseconds(50))
    }
    throw .notWritable(seconds: Self.beginSeconds)
  }

  /// Looks at the nodes until so much time is over.
  private func pass(untilSecond end: Int) async throws(HarnessError) {
    while recorder.now < Int64(end) * 1_000_000, !isInterrupted {
      note(await cluster.views())
      try? await Task.sleep(for: Self.glance)
    }
  }

  /// The quiet time, in which clients go on: all nodes must be there again, and of one mind.
  ///
  /// What is wrong in its last moment may be an answer that came late: it is looked at once more.
  private func recover() async throws(HarnessError) -> RunResult.Recovery {
    let began = recorder.now
    let end = began + Int64(plan.quietSeconds) * 1_000_000
    var recovery = RunResult.Recovery()
    var check = RecoveryCheck(plan.mode)
    while recorder.now < (recovery.problem == nil ? end : end + Self.graceMicroseconds) {
      let views = await look()
      recovery.problem = check.problem(in: views)
      if recovery.problem != nil {
        recovery.milliseconds = nil
      } else if recovery.milliseconds == nil {
        recovery.milliseconds = Int((recorder.now - began) / 1_000)
      }
      try? await Task.sleep(for: Self.glance)
    }
    return recovery
  }

  /// No client calls any more: all must get to what was committed then, within another quiet time.
  private func waitUntilEqual() async -> String? {
    let end = recorder.now + Int64(plan.quietSeconds) * 1_000_000
    var check = RecoveryCheck(plan.mode)
    while true {
      let views = await look()
      let problem = check.problem(in: views)
      guard problem != nil, recorder.now < end else { return problem }
      try? await Task.sleep(for: Self.glance)
    }
  }

  /// How the nodes stand; what a liar says of itself is worth nothing.
  private func look() async -> [NodeView] {
    let views = await cluster.views()
    note(views)
    return Array(views.dropLast(plan.liars.count))
  }

  private func note(_ views: [NodeView]) {
    leaders.note(views, at: recorder.now, liars: plan.lyingNodes)
    noteEnds()
  }

  /// Keeps when the end of a node was noticed: a fault explains only what comes after it.
  private func noteEnds() {
    for var end in cluster.unexpectedEnds.dropFirst(ends.count) {
      end.at = recorder.now
      ends.append(end)
    }
  }
}
