import Linearizability

/// A run as a page for people: the verdict first, then pictures and tables.
package struct ReportPage: Sendable {
  private let report: RunReport
  private var result: RunResult { report.result }

  /// The page of a run.
  package init(_ report: RunReport) { self.report = report }

  /// The page, which needs nothing but itself.
  package var html: String {
    let parts = [verdict, findings, pictures, faults, leaders, files]
    return Page.html(
      title: "\(headline) – \(result.plan.workload.name)",
      parts.joined(separator: "\n")
    )
  }

  private var headline: String {
    if result.verdict.isBad { return "Something was seen that cannot be" }
    if result.leadershipProblem != nil { return "Two nodes led at once" }
    if result.endProblem != nil { return "A node ended by itself" }
    if result.accusationProblem != nil { return "What the nodes can prove is wrong" }
    if result.recoveryProblem != nil { return "The cluster did not recover" }
    if result.faultsMissing != nil { return "What was to be tried did not happen" }
    return result.verdict.isKnown ? "Passed: nothing was seen that cannot be" : "No verdict"
  }

  private var verdict: String {
    let (plan, verdict) = (result.plan, result.verdict)
    let style = result.word == "failed" ? " bad" : result.word == "passed" ? "" : " warn"
    let recovery =
      result.recoveryProblem.map { "no: \($0)" }
      ?? result.recovery.milliseconds.map { "after \($0) ms" } ?? "not seen"
    let felt = result.faults.count(where: \.wasFelt)
    let facts = [
      ("\(verdict.operations)", "operations"),
      ("\(result.failedCount)", "had no effect"),
      ("\(verdict.unknownOutcomes) (\(Page.round(report.unknownShare)) %)", "nobody knows"),
      ("\(Page.milliseconds(report.latency.milliseconds(0.5))) ms", "p50"),
      ("\(Page.milliseconds(report.latency.milliseconds(0.99))) ms", "p99"),
      ("\(felt) of \(result.faults.count)", "faults were felt"),
      ("\(result.leaders.count)", "leaders"),
      ("\(result.ends.count)", "ended by themselves"),
      ("\(result.snapshots.taken)", "snapshots amid faults"),
      ("\(result.snapshots.received)", "received amid faults"),
      (recovery, "recovered"),
    ]
    let list = facts.map { "<div><b>\(Page.escaped($0))</b><span>\($1)</span></div>" }.joined()
    let problems =
      [result.leadershipProblem, result.accusationProblem, result.faultsMissing]
      + result.ends.map(\.description)
    let problem = problems.compactMap { $0 }.map { "<p>\(Page.escaped($0))</p>" }.joined()
    var liar =
      plan.liars.isEmpty ? "" : " (mode bft, the last lie: \(Page.escaped(plan.lies)))"
    if plan.readsFast { liar += " with fast reads" }
    return """
      <section class="verdict\(style)"><h1>\(headline)</h1>
      <p>\(verdict.word.replacing("_", with: " ")), judged as \(verdict.judge)</p>\(problem)
      <p class="soft">workload \(plan.workload.name) on \(plan.nodes) nodes\(liar),
      \(plan.clients) clients, \(plan.seconds) s and \(plan.quietSeconds) s of quiet,
      faults \(plan.faults.name), seed \(plan.seed)</p>\(proofs)
      <div class="facts">\(list)</div></section>
      """
  }

  /// Whom the nodes of mode bft can prove guilty.
  private var proofs: String {
    guard let accusations = result.accusations else { return "" }
    let words = accusations.summary.isEmpty ? ["nothing"] : accusations.summary
    let list = Page.escaped(words.joined(separator: "; "))
    return "<p class='soft'>the nodes can prove: \(list); the audit of their directories: "
      + "\(accusations.auditWord)</p>"
  }

  private var findings: String {
    let findings = result.verdict.findings
    guard !findings.isEmpty else { return "" }
    let blocks = findings.map { finding in
      let key = finding.key.map { "key \($0): " } ?? ""
      return "<p><b>\(Page.escaped(key + finding.sentence))</b></p>"
        + "<pre>\(Page.escaped(finding.lines.joined(separator: "\n")))</pre>"
    }
    let hint =
      if case .model(let model) = result.plan.workload.judge {
        "<p class='soft'>A picture of it: lockstep history check history.ndjson --model "
          + "\(model.rawValue) --html why.html</p>"
      } else { "" }
    return "<section><h2>Why</h2>\(blocks.joined())\(hint)</section>"
  }

  private var pictures: String { "<section>\(TimePictures(result).html)</section>" }

  private var faults: String {
    report.faults.isEmpty ? "" : "<section>\(FaultTable(report.faults).html)</section>"
  }

  private var leaders: String {
    let rows = result.leaders.suffix(200).map { sight in
      ["\(sight.term)", "n\(sight.node)", "\(Page.round(Double(sight.at) / 1e6)) s"]
    }
    return "<section><details><summary>Leaders, term by term (\(result.leaders.count))</summary>"
      + Page.table(["term", "leader", "first seen"], rows) + "</details></section>"
  }

  private var files: String {
    let logs = (1...result.plan.nodes).map { "<a href='cluster/n\($0).log'>n\($0).log</a>" }
    let data =
      result.word == "passed"
      ? "" : "<p>The data directories of the nodes are kept: cluster/n1 and so on.</p>"
    return """
      <section><h2>Files</h2><p><a href="history.ndjson">history.ndjson</a> ·
      <a href="verdicts.json">verdicts.json</a> · \(logs.joined(separator: " · "))</p>
      \(data)</section>
      """
  }
}
