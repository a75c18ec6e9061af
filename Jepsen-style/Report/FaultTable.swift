/// What each kind of fault did, as a table of a page.
struct FaultTable {
  private let figures: [FaultFigures]

  init(_ figures: [FaultFigures]) { self.figures = figures }

  private static let titles = [
    "fault", "times", "felt", "p50 before / during / after, ms",
    "p99 before / during / after, ms", "new leader after, ms: median, most", "longest gap, ms",
  ]

  /// The table, and how it is to be read.
  var html: String {
    let rows = figures.map { row in
      [
        row.kind.rawValue, "\(row.count)",
        row.feltCount < row.count ? "<b>\(row.feltCount)</b>" : "\(row.feltCount)",
        times(row, 0.5), times(row, 0.99), leaderTimes(row), "\(row.longestGapMilliseconds)",
      ]
    }
    return "<h2>What faults did</h2>" + Page.table(Self.titles, rows)
      + "<p class='soft'>A fault that nobody's frame, call or sync met with was not felt, and "
      + "tests nothing. Before and after are 3 s each; faults of different kinds overlap. A new "
      + "leader counts where the fault struck the old one; nodes are asked every 100 ms who "
      + "leads.</p>"
  }

  private func times(_ row: FaultFigures, _ share: Double) -> String {
    [row.latencies.before, row.latencies.during, row.latencies.after]
      .map { Page.milliseconds($0.milliseconds(share)) }.joined(separator: " / ")
  }

  private func leaderTimes(_ row: FaultFigures) -> String {
    let all = row.leaderMilliseconds
    return all.last.map { "\(all[all.count / 2]), \($0)" } ?? "–"
  }
}
