/// Draws a progress bar over itself, at most ten times a second, and only on a terminal.
struct Progress: Sendable {
  private static let periodMicroseconds = 100_000

  private let bar: ProgressBar?
  private var drawnAtMicroseconds: Int?

  /// A bar where somebody looks; a total of 0 is one that nobody knows, and has none.
  init(total: Int, _ invocation: Invocation) {
    let terminal = Terminal.current(environment: ProcessEnvironment.variables())
    let isWanted = terminal.errorIsTerminal && total > 0 && !invocation.toggle("no-progress")
    self.init(bar: isWanted ? ProgressBar(total: total, columns: Terminal.columns()) : nil)
  }

  init(bar: ProgressBar?) {
    self.bar = bar
  }

  /// Shows how far the command is, unless it was shown a moment ago.
  mutating func show(done: Int, items: Int, atMicroseconds now: Int) {
    guard let line = line(done: done, items: items, atMicroseconds: now) else { return }
    StandardStream.error.write(Array("\r\(line)\u{1B}[K".utf8))
  }

  /// The line to draw, nil if none is due.
  mutating func line(done: Int, items: Int, atMicroseconds now: Int) -> String? {
    guard let bar else { return nil }
    if let drawnAtMicroseconds, now - drawnAtMicroseconds < Self.periodMicroseconds { return nil }
    drawnAtMicroseconds = now
    return bar.line(done: done, items: items, seconds: Double(now) / 1e6)
  }

  /// Takes the bar away.
  func finish() {
    if bar != nil { StandardStream.error.write(Array("\r\u{1B}[K".utf8)) }
  }
}
