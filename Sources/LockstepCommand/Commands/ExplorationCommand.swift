import ClientProtocol
import Exploration
import Transport

/// `lockstep sim explore`.
enum ExplorationCommand {
  /// How many worlds are explored between two looks at the clock.
  private static let stride = 10_000

  static let row = CommandRow(
    "sim explore",
    "goes through every interleaving of three small nodes, and checks every promise",
    flags: [
      Flag("entries", .integer(0...4), "requests that clients submit", fallback: "2"),
      Flag("crashes", .integer(0...3), "crashes of any node at any moment", fallback: "1"),
      Flag("timeouts", .integer(1...4), "timers that run out, at any moment", fallback: "1"),
      Flag(
        "lost",
        .choice(LostMessages.allCases.map(\.rawValue)),
        "which of a leader's messages are all lost",
        fallback: LostMessages.heartbeats.rawValue
      ),
      Flag("partial-syncs", .toggle, "let disks confirm a part of what waits; else all of it"),
      Flag("max-states", .integer(1...500_000_000), "where to give up", fallback: "100000000"),
      Flag(
        "flaw",
        .choice(WorldFlaw.allCases.map(\.rawValue)),
        "what disks or network do wrong on purpose",
        fallback: WorldFlaw.none.rawValue
      ),
    ],
    action: explore
  ).explained(
    [
      "The Raft core that ships is driven through every order of messages, timers, disk syncs and "
        + "crashes within the bounds. A message may arrive late, often, or never. The exit status "
        + "is 9 if a promise is broken, and the trace then the shortest way there; it is 5, and "
        + "there is no verdict, if the search gave up at --max-states."
    ],
    examples: ["sim explore", "sim explore --timeouts 2 -o json", "sim explore --flaw synced-lost"]
  )

  @MainActor
  static func explore(_ invocation: Invocation) async throws(CommandFailure) {
    let bounds = SmallWorldBounds(
      entries: invocation.integer("entries"),
      crashes: invocation.integer("crashes"),
      timeouts: invocation.integer("timeouts"),
      lost: LostMessages(rawValue: invocation.text("lost")) ?? .heartbeats,
      partialSyncs: invocation.toggle("partial-syncs")
    )
    let flaw = WorldFlaw(rawValue: invocation.text("flaw")) ?? .none
    let worldsMax = invocation.integer("max-states")
    var explorer = Explorer(bounds: bounds, flaw: flaw)
    let progress = ExplorationProgress(invocation)
    let began = MonotonicClock.now()
    while explorer.worlds < worldsMax,
      explorer.explore(worlds: min(stride, worldsMax - explorer.worlds))
    {
      progress.show(explorer, microseconds: Int(MonotonicClock.now() - began))
    }
    progress.finish()
    let seconds = Double(MonotonicClock.now() - began) / 1e6
    let report = explorer.report
    show(report, seconds: seconds, on: Output(invocation))
    if let failure = failure(of: report) { throw failure }
  }

  /// Why a search does not end well, if it does not.
  private static func failure(of report: ExplorationReport) -> CommandFailure? {
    if let violation = report.violation {
      return CommandFailure(
        exitCode: .checkFailed,
        code: "exploration_failed",
        message: "a small world broke a promise (\(violation.promise))",
        hint: "the trace is the shortest way there: docs/exploration.md"
      )
    }
    guard !report.isComplete else { return nil }
    return CommandFailure(
      exitCode: .noAnswer,
      code: "no_verdict",
      message: "given up after \(report.worlds) states, and not all were explored",
      hint: "more of them with --max-states, or a smaller world"
    )
  }

  private static func verdict(of report: ExplorationReport) -> String {
    if report.violation != nil { return "safety" }
    return report.isComplete ? "ok" : "unknown"
  }

  private static func show(_ report: ExplorationReport, seconds: Double, on output: Output) {
    if output.form == .table {
      for line in report.trace { StandardStream.output.writeLine(line) }
    }
    var fields = [
      JSONValue.Field("entries", .integer(report.bounds.entries)),
      JSONValue.Field("crashes", .integer(report.bounds.crashes)),
      JSONValue.Field("timeouts", .integer(report.bounds.timeouts)),
      JSONValue.Field("lost", .text(report.bounds.lost.rawValue)),
      JSONValue.Field("partial_syncs", .truth(report.bounds.partialSyncs)),
      JSONValue.Field("states", .integer(report.worlds)),
      JSONValue.Field("transitions", .integer(report.transitions)),
      JSONValue.Field("depth", .integer(report.depth)),
      JSONValue.Field("node_states", .integer(report.nodeStates)),
      JSONValue.Field("messages", .integer(report.messages)),
    ]
    fields += report.marks.map { JSONValue.Field($0.mark.name, .integer($0.count)) }
    fields += [
      JSONValue.Field("complete", .truth(report.isComplete)),
      JSONValue.Field("seconds", .decimal(seconds, places: 1)),
      JSONValue.Field("verdict", .text(verdict(of: report))),
    ]
    if let violation = report.violation {
      fields.append(JSONValue.Field("promise", .text(violation.promise)))
      fields.append(JSONValue.Field("reason", .text(violation.reason)))
      if output.form != .table {
        fields.append(JSONValue.Field("trace", .list(report.trace.map { .text($0) })))
      }
    }
    output.printResult(fields)
  }
}

/// A line on the terminal that says how far a search is: its end is not known beforehand.
private struct ExplorationProgress {
  private let isShown: Bool

  init(_ invocation: Invocation) {
    let terminal = Terminal.current(environment: ProcessEnvironment.variables())
    isShown = terminal.errorIsTerminal && !invocation.toggle("no-progress")
  }

  func show(_ explorer: Explorer, microseconds: Int) {
    guard isShown else { return }
    let rate = explorer.worlds * 1_000 / max(1, microseconds / 1_000)
    let line =
      "\(explorer.worlds) states, \(explorer.waiting) waiting, depth \(explorer.depth), \(rate)/s"
    StandardStream.error.write(Array("\r\(line)\u{1B}[K".utf8))
  }

  func finish() {
    if isShown { StandardStream.error.write(Array("\r\u{1B}[K".utf8)) }
  }
}
