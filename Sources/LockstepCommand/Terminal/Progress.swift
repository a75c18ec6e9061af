/// Draws a progress bar over itself, at most ten times a second, and only on a terminal.
struct Progress: Sendable {
  private let bar: ProgressBar?
  private var drawnAtMicroseconds = Int.min

  init(total: Int, _ invocation: Invocation) {
    let terminal = Terminal.current(environment: ProcessEnvironment.variables())
    let isWanted = terminal.errorIsTerminal && !invocation.toggle("no-progress")
    bar = isWanted ? ProgressBar(total: total, columns: Terminal.columns()) : nil
  }

  /// Shows how far the command is, unless it was shown a moment ago.
  mutating func show(done: Int, atMicroseconds now: Int) {
    guard let bar, now - drawnAtMicroseconds >= 100_000 || drawnAtMicroseconds == .min else {
      return
    }
    drawnAtMicroseconds = now
    let line = bar.line(done: done, seconds: Double(now) / 1e6)
    StandardStream.error.write(Array("\r\(line)\u{1B}[K".utf8))
  }

  /// Takes the bar away.
  func finish() {
    if bar != nil { StandardStream.error.write(Array("\r\u{1B}[K".utf8)) }
  }
}
