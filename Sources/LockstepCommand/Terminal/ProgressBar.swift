/// One line on the terminal that says how far a command is, how fast, and for how long still.
struct ProgressBar: Sendable {
  private let total: Int
  private let columns: Int

  /// A bar for `total` steps on a terminal of that width.
  init(total: Int, columns: Int) {
    self.total = total
    self.columns = columns
  }

  /// The line after `done` steps, which were `items` things, in `seconds`.
  func line(done: Int, items: Int, seconds: Double) -> String {
    let share = total == 0 ? 1 : min(1, Double(done) / Double(total))
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let itemRate = seconds > 0 ? Double(items) / seconds : 0
    let left = rate > 0 ? Double(max(0, total - done)) / rate : 0
    let percent = String(Int(share * 100))
    let facts =
      " \(String(repeating: " ", count: 3 - percent.count))\(percent)%"
      + "  \(JSONValue.decimal(itemRate, 0))/s  \(Self.clock(left)) left"
    let width = max(10, min(40, columns - facts.count - 1))
    let filled = Int(share * Double(width))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return bar + facts
  }

  /// `m:ss`.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded(.up))
    let rest = whole % 60
    return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
  }
}
