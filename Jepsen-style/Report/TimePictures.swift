/// The pictures of a run: latency, rate, faults and leaders over one and the same time.
struct TimePictures {
  private let result: RunResult
  private let seconds: [SecondFigures]
  private let end: Int64

  init(_ result: RunResult) {
    self.result = result
    end = max(
      result.faultTime,
      result.samples.lazy.map { $0.began + $0.took }.max() ?? 0
    )
    seconds = SecondFigures.all(of: result.samples, until: end)
  }

  /// All of them, one beneath the other.
  var html: String { [latency, rate, faults, leaders].joined(separator: "\n") }

  private func shaded(height: Double) -> Chart {
    var chart = Chart(end: end, height: height)
    let inner = height - 22
    for fault in result.faults where fault.wasFelt {
      chart.box(fault.from..<max(fault.to, fault.from), 4, inner - 4, "shade", title: words(fault))
    }
    chart.box(result.faultTime..<end, 4, inner - 4, "quiet", title: "quiet time")
    return chart
  }

  /// Times on a scale where each step is ten times the one below.
  private var latency: String {
    var chart = shaded(height: 230)
    let (top, bottom) = (14.0, 204.0)
    func y(_ milliseconds: Double) -> Double {
      // Powers of ten from a tenth of a millisecond to ten seconds.
      var power = 0.0
      var rest = max(0.1, min(10_000, milliseconds)) / 0.1
      while rest >= 10 {
        rest /= 10
        power += 1
      }
      return bottom - (power + (rest - 1) / 9) / 5 * (bottom - top)
    }
    for (value, name) in [(0.1, "0.1 ms"), (1, "1 ms"), (10, "10 ms"), (100, "100 ms")]
      as [(Double, String)]
    {
      chart.grid(y(value), name)
    }
    for (value, name) in [(1_000, "1 s"), (10_000, "10 s")] as [(Double, String)] {
      chart.grid(y(value), name)
    }
    func points(_ figure: (SecondFigures) -> Double?) -> [(x: Double, y: Double)?] {
      seconds.enumerated().map { second, figures in
        figure(figures).map { (chart.x(Int64(second) * 1_000_000 + 500_000), y($0)) }
      }
    }
    chart.line(points(\.p50), "p50")
    chart.line(points(\.p99), "p99")
    chart.seconds()
    return "<h2>Time of operations that took effect"
      + key("#2563c9", "p50") + key("#7a3fc4", "p99") + key("#fbeec4", "a fault that was felt")
      + key("#e3f0ea", "quiet time") + "</h2>" + chart.svg
  }

  private var rate: String {
    var chart = shaded(height: 170)
    let (top, bottom) = (14.0, 146.0)
    let most = Double(max(1, seconds.map { $0.ok + $0.fail + $0.info }.max() ?? 1))
    chart.grid(bottom, "0")
    chart.grid(top, "\(Int(most)) /s")
    chart.grid((top + bottom) / 2, "\(Int(most / 2)) /s")
    for (second, figures) in seconds.enumerated() {
      let from = Int64(second) * 1_000_000
      var y = bottom
      for (count, style) in [
        (figures.ok, "ok"), (figures.fail, "failed"), (figures.info, "info"),
      ] where count > 0 {
        let height = max(1, Double(count) / most * (bottom - top))
        y -= height
        chart.box(from..<min(from + 900_000, end), y, height, style, title: "\(count) \(style)")
      }
    }
    chart.seconds()
    return "<h2>Operations a second" + key("#6aa9e9", "took effect")
      + key("#b9c0cc", "had no effect") + key("#c0262d", "nobody knows") + "</h2>" + chart.svg
  }

  /// A row for each kind of fault.
  private var faults: String {
    let kinds = FaultKind.allCases.filter { kind in result.faults.contains { $0.kind == kind } }
    guard !kinds.isEmpty else { return "" }
    var chart = Chart(end: end, height: Double(kinds.count) * 24 + 26)
    for (row, kind) in kinds.enumerated() {
      let top = Double(row) * 24 + 4
      for fault in result.faults where fault.kind == kind {
        let style = fault.wasFelt ? "fault" : "unfelt"
        chart.box(fault.from..<max(fault.to, fault.from), top, 18, style, title: words(fault))
      }
      chart.text(kind.rawValue, Chart.left - 8, top + 14, "name")
    }
    chart.seconds()
    return "<h2>Faults" + key("#e8a33d", "felt") + key("#d5dae3", "not felt") + "</h2>" + chart.svg
  }

  /// Who led, from the first sight to the next leader's.
  private var leaders: String {
    var chart = Chart(end: end, height: 56)
    for (place, sight) in result.leaders.enumerated() {
      let next = place + 1 < result.leaders.count ? result.leaders[place + 1].at : end
      let from = max(0, sight.at)
      guard next > from else { continue }
      let words = "n\(sight.node), term \(sight.term)"
      chart.box(from..<next, 6, 24, "n\(sight.node)", title: words)
      let width = chart.x(next) - chart.x(from)
      guard width > 26 else { continue }
      chart.text(width > 90 ? words : "n\(sight.node)", chart.x(from) + width / 2, 22, "in")
    }
    chart.seconds()
    return "<h2>Leaders, as nodes said</h2>" + chart.svg
  }

  private func words(_ fault: RunFault) -> String {
    let nodes = fault.targets.map { "n\($0)" }.joined(separator: " ")
    let length = max(0, fault.to - fault.from) / 1_000
    return
      "\(fault.kind.rawValue) \(nodes), \(length) ms, felt \(fault.feltCount) times: \(fault.words)"
  }

  private func key(_ colour: String, _ words: String) -> String {
    "<span class='key' style='background:\(colour)'></span><span class='soft'>\(words)</span>"
  }
}
