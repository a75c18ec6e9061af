import ClientProtocol
import Dispatch
import Glibc
import JepsenHarness

/// Carries a run out before somebody's eyes.
@MainActor
final class RunShow {
  private let screen: Screen
  /// Whether somebody wanted it to end.
  private(set) var wasInterrupted = false
  private var run: JepsenRun?
  private var signals: [any DispatchSourceSignal] = []

  /// Listens for SIGINT and SIGTERM from now on, also while something is judged.
  init(_ screen: Screen) {
    self.screen = screen
    signals = [SIGINT, SIGTERM].map { Self.watch($0) { [weak self] in self?.interrupt() } }
  }

  isolated deinit { for signal in signals { signal.cancel() } }

  /// Runs, writes what is to be read, and takes away what nobody needs.
  func carryOut(_ plan: RunPlan) async throws(Failure) -> RunReport {
    do throws(HarnessError) {
      let run = try JepsenRun(plan)
      self.run = run
      defer { self.run = nil }
      let bar = Task { await showProgress(of: run) }
      defer { bar.cancel() }
      let report = RunReport(try await run.run())
      bar.cancel()
      screen.endProgress()
      try RunFolder(plan.folder).write(report)
      // A signal that came while the judge was busy is heard now.
      try? await Task.sleep(for: .milliseconds(1))
      return report
    } catch {
      screen.endProgress()
      throw Failure(error)
    }
  }

  private func interrupt() {
    wasInterrupted = true
    run?.interrupt()
  }

  /// How a run ends that did not go well.
  static func fail(_ report: RunReport) throws(Failure) {
    let verdict = report.result.verdict
    let folder = report.result.plan.folder
    let sentence = verdict.findings.first.map { finding in
      (finding.key.map { "key \($0): " } ?? "") + finding.sentence
    }
    if verdict.isBad {
      throw Failure(
        exitCode: .checkFailed,
        message: sentence ?? verdict.word,
        code: "not_linearizable",
        hint: "\(folder)/index.html"
      )
    }
    let result = report.result
    let unseen = [
      (result.leadershipProblem, "two_leaders"), (result.endProblem, "node_ended"),
      (result.accusationProblem, "wrongly_accused"),
    ]
    for case (let problem?, let code) in unseen {
      throw Failure(
        exitCode: .checkFailed,
        message: problem,
        code: code,
        hint: "\(folder)/cluster has the logs and directories of the nodes"
      )
    }
    if let problem = report.result.recoveryProblem {
      throw Failure(
        exitCode: .unavailable,
        message: "the cluster did not recover in the quiet time: \(problem)",
        code: "not_recovered",
        hint: "\(folder)/cluster has the logs of the nodes"
      )
    }
    if let problem = report.result.faultsMissing {
      throw Failure(exitCode: .failed, message: problem, code: "faults_missing")
    }
    guard verdict.isKnown else {
      throw Failure(exitCode: .noAnswer, message: sentence ?? "no verdict", code: "no_verdict")
    }
  }

  private func showProgress(of run: JepsenRun) async {
    let total = Double(run.plan.seconds + run.plan.quietSeconds)
    while !Task.isCancelled {
      let (seconds, operations) = run.progress
      let left = Int(max(0, total - seconds))
      let clock = "\(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60)"
      screen.showProgress(
        seconds / total,
        "\(operations) operations, \(run.words), \(clock) left"
      )
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  private static func watch(
    _ signal: Int32,
    _ body: @escaping @MainActor @Sendable () -> Void
  ) -> any DispatchSourceSignal {
    // The source hears of it all the same.
    _ = Glibc.signal(signal, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: signal, queue: .main)
    source.setEventHandler { MainActor.assumeIsolated { body() } }
    source.resume()
    return source
  }
}
