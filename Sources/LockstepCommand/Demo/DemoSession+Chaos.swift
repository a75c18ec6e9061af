import ClientProtocol
import JepsenHarness
import Linearizability
import Transport

// What breaks the cluster, heals it, and judges what its clients saw.
extension DemoSession {
  private static let pageFile = "lockstep-check.html"
  private static let judgeSeconds = 60
  private static let healSeconds = 30

  /// Starts what runs beside the orders: recorded clients, and faults.
  func startCompany() throws(CommandFailure) {
    if plan.isRecorded { try startLoad() }
    guard plan.chaos != .off, let nemesis else { return }
    let (plan, mode, nodes) = (plan, cluster.plan.mode, cluster.plan.nodesCount)
    chaos = Task { [weak self] in
      var number: UInt64 = 0
      while !Task.isCancelled {
        let faults = plan.faults(number, in: mode, nodes: nodes)
        number += 1
        let conductor = FaultConductor(faults, nemesis)
        conductor.tell = { self?.tell($0) }
        do throws(HarnessError) { try await conductor.run() } catch { return error }
      }
      return nil
    }
  }

  private func startLoad() throws(CommandFailure) {
    do {
      load = try DemoLoad(cluster.plan, seed: plan.seed)
    } catch {
      throw .of(code: "demo_failed", "\(error)")
    }
  }

  private func tell(_ effect: FaultEffect) {
    load?.recorder.note(effect)
    let nodes = effect.targets.map { "n\($0)" }.joined(separator: " ")
    guard let end = effect.to else {
      return note("\(effect.kind.rawValue) \(nodes): \(effect.words)")
    }
    note("\(effect.kind.rawValue) \(nodes): over after \(end - effect.from) ms")
  }

  // MARK: - Orders

  /// Parts the nodes into sides; a node on no side hears all of them.
  func partition(_ sides: [[Int]]) async throws(CommandFailure) {
    guard let nemesis else { throw Self.missing("network") }
    let nodes = cluster.plan.nodesCount
    if let stranger = sides.joined().first(where: { $0 > nodes }) {
      throw CommandFailure(.invalidArgument, "there is no node \(stranger)")
    }
    let leader = await cluster.leader()
    try harness { () throws(HarnessError) in try nemesis.part(sides) }
    let words = sides.map { $0.map { "n\($0)" }.joined(separator: " ") }.joined(separator: " | ")
    load?.recorder.fault("begin partition", HistoryValue(words))
    note("parted: " + words)
    guard let leader, let side = sides.first(where: { $0.contains(leader) }) else { return }
    let others = Set(1...nodes).subtracting(sides.joined())
    let mode = cluster.plan.mode
    let quorum = mode.quorum(of: nodes)
    let isEnough = sides.map { ($0, $0.count + others.count >= quorum) }
    guard isEnough.contains(where: \.1) else { return note("no side has \(quorum) nodes") }
    guard !isEnough.contains(where: { $0.0 == side && $0.1 }) else { return }
    note("n\(leader), the \(mode.leaderName), is cut off from the side that goes on")
    try await awaitLeader(otherThan: leader)
  }

  /// Ends all faults and waits until everybody is there and has caught up.
  ///
  /// - Throws: What kept chaos from going on, too; all is healed then all the same.
  func heal() async throws(CommandFailure) {
    let problem = await endChaos()
    let began = MonotonicClock.now()
    do {
      if let nemesis {
        try await nemesis.healAll()
      } else {
        for node in 1...cluster.plan.nodesCount { try cluster.resume(node) }
        try cluster.startAll()
      }
    } catch {
      throw .of(code: "demo_failed", "\(error)")
    }
    load?.recorder.healed()
    try await waitUntilWhole(since: began)
    if let problem { throw problem }
  }

  /// Whether anything had kept it from going on.
  private func endChaos() async -> CommandFailure? {
    guard let chaos else { return nil }
    chaos.cancel()
    let problem = await chaos.value
    self.chaos = nil
    note("chaos is over")
    return problem.map { .of(code: "demo_failed", "\($0)") }
  }

  private func waitUntilWhole(since began: UInt64) async throws(CommandFailure) {
    let mode = cluster.plan.mode
    var check = RecoveryCheck(mode)
    var problem: String?
    while MonotonicClock.now() - began < UInt64(Self.healSeconds) * 1_000_000 {
      let views = await cluster.views()
      problem = check.problem(in: views)
      let leader = views.filter { $0.role == "leader" }.max { $0.term ?? 0 < $1.term ?? 0 }
      if problem == nil, let leader {
        let milliseconds = (MonotonicClock.now() - began) / 1_000
        return note(
          "healed: n\(leader.id) leads, \(mode.termName) \(leader.term ?? 0); "
            + "all have caught up after \(milliseconds) ms"
        )
      }
      try await pass(Self.pollMicroseconds)
    }
    throw CommandFailure(
      .noLeader,
      "not all is well \(Self.healSeconds) s after all was healed: \(problem ?? "")"
    )
  }

  /// Judges what the recorded clients saw; another load follows.
  ///
  /// Whatever is not well with the cluster is told behind the verdict: an answer that no order
  /// explains is found all the same.
  func check() async throws(CommandFailure) {
    guard let load else { throw Self.missing("recorded clients") }
    var problem: CommandFailure?
    do throws(CommandFailure) { try await heal() } catch { problem = error }
    self.load = nil
    do throws(CommandFailure) { try await load.end() } catch { problem = problem ?? error }
    let verdict = try judge(load.path)
    try startLoad()
    if verdict.isNotLinearizable {
      throw CommandFailure(
        exitCode: .checkFailed,
        code: "not_linearizable",
        message: "no order explains what clients saw",
        hint: "the history is \(load.path)"
      )
    }
    try refuseEnds()
    if let problem { throw problem }
    guard verdict != .linearizable else { return }
    throw CommandFailure(
      exitCode: .noAnswer,
      code: "no_verdict",
      message: "it could not be told within \(Self.judgeSeconds) s"
    )
  }

  /// Judges a history, says what came of it, and draws it.
  private func judge(_ path: String) throws(CommandFailure) -> HistoryVerdict {
    let began = MonotonicClock.now()
    let history = try HistoryFile.read(path, for: .kv, invocation)
    var report = HistoryReport(path: "lockstep demo", history: history)
    report.judge(as: .kv, HistoryOptions(), within: UInt64(Self.judgeSeconds) * 1_000_000)
    report.seconds = Double(MonotonicClock.now() - began) / 1e6
    say("  recorded \(report.sizeText)")
    say("  linearizable: \(report.answer)   (judged in \(report.secondsText) s)")
    for line in report.lines.dropFirst() { say("  " + line) }
    if let page = report.anyPage {
      Folder.removeFile(Self.pageFile)
      // What the page cannot show was said already.
      do throws(CommandFailure) {
        try TextFile.create(Self.pageFile, page)
        say("  report: ./\(Self.pageFile)")
      } catch {
        say("  no report: \(error.message)")
      }
    }
    return report.verdict
  }

  /// A node that ends by itself is started again by whatever heals: it has to be told.
  private func refuseEnds() throws(CommandFailure) {
    let ends = cluster.unexpectedEnds
    for end in ends { say("  \(end)") }
    guard let first = ends.first else { return }
    throw CommandFailure(
      exitCode: .checkFailed,
      code: "node_ended",
      message: "\(first)",
      hint: "its log is \(cluster.log(of: first.node))"
    )
  }

  private static func missing(_ what: String) -> CommandFailure {
    .of(code: "demo_failed", "this demo was started without \(what)")
  }
}
