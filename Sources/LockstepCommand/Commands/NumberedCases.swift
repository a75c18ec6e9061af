import ClientProtocol
import Simulation

/// What `sim crashes` and `sim damage` have in common: cases with numbers, a line of JSON each.
struct NumberedCases {
  /// What is heard of a case while it runs.
  typealias Watcher = (String) -> Void

  /// What to call to have cases of this kind again.
  let words: String
  /// How many there are, or nil where every number is a seed.
  let count: Int?

  /// The flags of a command whose own ones are `node`, which comes first, and `kind`.
  static func flags(_ node: Flag, _ kind: Flag) -> [Flag] {
    [
      node,
      Flag("case", .integer(1...Int.max >> 1), "the first case; else says how many there are"),
      Flag("count", .integer(1...Int.max >> 1), "so many cases, from that one on", fallback: "1"),
      kind,
      Flag("trace", .toggle, "writes every event to standard error as it happens"),
    ]
  }

  /// The number of the first case that is wanted, if any is.
  static func first(_ invocation: Invocation) -> Int? {
    invocation.optional("case").flatMap { Int($0) }
  }

  /// A promise was broken, and `words` are how to see it again.
  static func failure(_ message: String, _ words: String) -> CommandFailure {
    CommandFailure(
      exitCode: .checkFailed,
      code: "simulation_failed",
      message: message,
      hint: "lockstep \(words) --trace"
    )
  }

  /// Runs the cases that are asked for, from `first` on, and fails with the first that fails.
  @MainActor
  func run(
    from first: Int,
    _ invocation: Invocation,
    _ runCase: (Int, Watcher?) -> (line: String, verdict: SimulationReport.Verdict)
  ) throws(CommandFailure) {
    // A run of nothing would be a success.
    if let count, first > count {
      throw .usage("--case \(first): there are \(count) cases", hint: "lockstep \(words)")
    }
    let watcher: Watcher? =
      invocation.toggle("trace") ? { StandardStream.error.writeLine($0) } : nil
    var failed: Int?
    for number in first..<first + invocation.integer("count") {
      guard count.map({ number <= $0 }) ?? true else { break }
      let report = runCase(number, watcher)
      StandardStream.output.writeLine(report.line)
      if report.verdict != .ok { failed = failed ?? number }
    }
    guard let failed else { return }
    throw Self.failure("case \(failed) broke a promise", "\(words) --case \(failed)")
  }
}
