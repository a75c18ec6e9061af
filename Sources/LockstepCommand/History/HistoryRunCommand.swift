import ClientProtocol
import Glibc
import JepsenHarness
import Transport

/// `lockstep history run`.
enum HistoryRunCommand {
  static let row = CommandRow(
    "history run",
    "calls a cluster from many clients, and judges whether their answers are linearizable",
    flags: [
      Flag("duration", .duration, "how long to call", fallback: "10s"),
      Flag("clients", .integer(1...256), "clients, each with a session", fallback: "8"),
      Flag("calls", .integer(1...64), "calls that each has under way", fallback: "4"),
      Flag("keys", .integer(1...1_000), "keys at a time, new ones each second", fallback: "32"),
    ],
    action: run
  ).explained(
    [
      "Half of the calls are reads; the others put, put under a condition, delete and count up. "
        + "SIGTERM and SIGINT end the calling, and what was recorded is judged. A call that fails "
        + "is counted under its code; --timeout is the deadline of each. The exit status is 9 if "
        + "the answers fit no order.",
      "Its keys are in the collection history-run of the URL's database, and stay there: lockstep "
        + "collection drop history-run removes them.",
    ],
    examples: ["history run", "history run --duration 60s --timeout 5s -o json"]
  )

  @MainActor
  static func run(_ invocation: Invocation) async throws(CommandFailure) {
    var plan = HistoryLoad.Plan(url: Database.url(invocation))
    plan.clients = invocation.integer("clients")
    plan.callsEach = invocation.integer("calls")
    plan.keys = invocation.integer("keys")
    let load = HistoryLoad(plan)
    try Signals.watch([SIGTERM, SIGINT]) { _ in load.stop() }
    let began = MonotonicClock.now()
    do {
      try await load.run(for: .microseconds(invocation.microseconds("duration")))
    } catch {
      throw CommandFailure(error)
    }
    let seconds = Double(MonotonicClock.now() - began) / 1e6
    let verdict = load.history.judge()
    Output(invocation).printResult(fields(of: load.tally.now, verdict, seconds: seconds))
    guard load.tally.now.answered > 0 else {
      throw CommandFailure(
        exitCode: .noAnswer,
        code: "no_verdict",
        message: "no call was answered, so that nothing can be said",
        hint: "lockstep cluster status"
      )
    }
    guard verdict.name != "linearizable" else { return }
    for line in verdict.contradictions.joined() { StandardStream.error.writeLine(line) }
    let isUndecided = verdict.contradictions.isEmpty
    throw CommandFailure(
      exitCode: isUndecided ? .noAnswer : .checkFailed,
      code: "history_failed",
      message: isUndecided
        ? "no verdict on \(verdict.undecided.count) of \(verdict.keys) keys"
        : "the answers about \(verdict.contradictions.count) of \(verdict.keys) keys fit no order"
    )
  }

  private static func fields(
    of counts: CallTally.Counts,
    _ verdict: CallVerdict,
    seconds: Double
  ) -> [JSONValue.Field] {
    let codes = counts.failed.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let failed = counts.failed.values.reduce(0, +)
    let longest = counts.longest.components
    return [
      JSONValue.Field("calls", .integer(counts.answered + failed)),
      JSONValue.Field("failed", .integer(failed)),
      JSONValue.Field(
        "failures",
        .object(codes.map { JSONValue.Field($0.key, .integer($0.value)) })
      ),
      JSONValue.Field(
        "longest_ms",
        .integer(Int(longest.seconds * 1_000 + longest.attoseconds / 1_000_000_000_000_000))
      ),
      JSONValue.Field("seconds", .decimal(seconds, places: 3)),
      JSONValue.Field("keys", .integer(verdict.keys)),
      JSONValue.Field("verdict", .text(verdict.name)),
    ]
  }
}
