/// A campaign as a page: the sum first, then a row for each run, then what each fault did.
package struct CampaignPage: Sendable {
  private let rows: [CampaignRow]
  /// How many runs there are to be.
  private let planned: Int

  /// The page of these runs, of so many.
  package init(_ rows: [CampaignRow], of planned: Int) {
    (self.rows, self.planned) = (rows, planned)
  }

  /// The page, which needs nothing but itself.
  package var html: String {
    let figures = FaultFigures.merged(rows.flatMap(\.figures))
    return Page.html(
      title: "Campaign",
      [verdict, runs, "<section>\(FaultTable(figures).html)</section>"].joined(separator: "\n")
    )
  }

  private var verdict: String {
    let bad = rows.count { $0.result != "passed" }
    let anomalies = rows.reduce(0) { $0 + $1.anomalies }
    let operations = rows.reduce(0) { $0 + $1.operations.all }
    let failed = rows.reduce(0) { $0 + $1.operations.failed }
    let unknown = rows.reduce(0) { $0 + $1.operations.unknown }
    let share = operations == 0 ? 0 : Double(unknown) / Double(operations) * 100
    let isWhole = rows.count >= planned
    let style = anomalies > 0 ? " bad" : bad > 0 || !isWhole ? " warn" : ""
    let facts = [
      ("\(rows.count - bad) of \(planned)", "runs passed"),
      ("\(anomalies)", "anomalies"),
      ("\(operations)", "operations"),
      ("\(failed)", "had no effect"),
      ("\(unknown) (\(Page.round(share)) %)", "nobody knows"),
      (
        "\(rows.reduce(0) { $0 + $1.faults.felt }) of \(rows.reduce(0) { $0 + $1.faults.all })",
        "faults were felt"
      ),
    ]
    let list = facts.map { "<div><b>\($0)</b><span>\($1)</span></div>" }.joined()
    let passed =
      isWhole ? "Every run passed" : "\(rows.count) of \(planned) runs were made, and passed"
    let headline = bad == 0 ? passed : "\(bad) runs did not pass"
    return "<section class='verdict\(style)'><h1>\(headline)</h1><div class='facts'>\(list)</div>"
      + "</section>"
  }

  private var runs: String {
    let titles = [
      "combination", "nodes", "workload", "result", "operations", "had no effect", "nobody knows",
      "felt", "p50, ms", "p99, ms", "new leader, ms",
    ]
    let cells = rows.map { row in
      [
        "<a href='\(Page.escaped(row.folder))/index.html'>\(Page.escaped(row.combination))</a>",
        "\(row.nodes)", row.workload,
        Page.escaped(row.result.replacing("_", with: " ") + (row.problem.map { ": \($0)" } ?? "")),
        "\(row.operations.all)", "\(row.operations.failed)", "\(row.operations.unknown)",
        "\(row.faults.felt) of \(row.faults.all)",
        Page.milliseconds(row.latency.milliseconds(0.5)),
        Page.milliseconds(row.latency.milliseconds(0.99)),
        row.leaderMedian.map(String.init) ?? "–",
      ]
    }
    return "<section><h2>Runs</h2>\(Page.table(titles, cells))</section>"
  }
}
