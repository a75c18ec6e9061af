import ClientProtocol
import JepsenHarness
import Linearizability
import Transport

/// `lockstep history check`: whether what clients saw could have happened on one machine.
enum HistoryCheckCommand {
  static let row = CommandRow(
    "history check",
    "judges what clients saw: could one machine, doing one thing at a time, have done it?",
    arguments: [Argument("FILE", "a history; - is standard input", .repeated)],
    flags: [
      Flag(
        "model",
        .choice(HistoryModel.allCases.map(\.rawValue)),
        "what the operations are meant to do",
        isRequired: true
      ),
      Flag(
        "initial",
        .text("JSON"),
        "what a register or a bank has in it at the beginning",
        fallback: "null"
      ),
      Flag("independent", .toggle, "values are [key, value], as of Jepsen's independent keys"),
      Flag(
        "failed-cas",
        .choice(HistoryOptions.FailedSwaps.allCases.map(\.rawValue)),
        "what a cas that failed says: nothing, or that its comparison once did not hold",
        fallback: HistoryOptions.FailedSwaps.ignore.rawValue
      ),
      Flag(
        "nil-read",
        .choice(HistoryOptions.NullReads.allCases.map(\.rawValue)),
        "what a read of null says: that nothing was there, or nothing at all",
        fallback: HistoryOptions.NullReads.absent.rawValue
      ),
      Flag(
        "by",
        .choice(["values", "search"]),
        "values give the order away where they can; or only search, to compare",
        fallback: "values"
      ),
      Flag("html", .text("OUT.html"), "draw the first contradiction into this new file"),
    ],
    action: check
  ).explained(
    [
      "A history is a file of JSON lines, one event each (docs/formats/history.md), a Jepsen "
        + "history in EDN, or the lines of Jepsen's log. Where values are unique they give the "
        + "order away, and the verdict takes no search; else all orders are followed that still "
        + "make a difference. No verdict is a guess.",
      "The exit status is 0 if there is an order that explains every answer, 9 if there is none, "
        + "and 5 if it could not be told within --timeout (60s), or no operation is in it. "
        + "More than one file: each is judged, and the worst of them counts. If one is no "
        + "history, the status is 2, and nothing is said of the others.",
    ],
    examples: [
      "history check run.ndjson --model kv --html why.html",
      "history check jepsen.edn --model cas-register --independent",
      "history check a.ndjson b.ndjson --model register --failed-cas constrain -o json",
    ]
  )

  /// The time for each file where `--timeout` does not say.
  private static let timeLimitMicroseconds = 60_000_000

  @MainActor
  static func check(_ invocation: Invocation) async throws(CommandFailure) {
    let model = HistoryModel(rawValue: invocation.text("model")) ?? .register
    let options = try options(of: invocation, for: model)
    let limit =
      invocation.optional("timeout") == nil
      ? timeLimitMicroseconds : invocation.microseconds("timeout")
    let page = invocation.optional("html")
    if let page { try refuseTaken(page) }
    var reports: [HistoryReport] = []
    for path in invocation.arguments {
      let began = MonotonicClock.now()
      let history = try HistoryFile.read(
        path,
        for: model,
        isIndependent: invocation.toggle("independent"),
        invocation
      )
      var report = HistoryReport(path: path, history: history)
      report.judge(as: model, options, within: UInt64(limit))
      report.seconds = Double(MonotonicClock.now() - began) / 1e6
      reports.append(report)
    }
    show(reports, on: Output(invocation))
    if let path = page {
      guard let page = reports.compactMap(\.page).first else {
        StandardStream.error.writeLine("there is no contradiction to draw: \(path) is not written")
        return try fail(reports)
      }
      try TextFile.create(path, page)
    }
    try fail(reports)
  }

  /// A verdict must not be lost because what is to show it has no place.
  private static func refuseTaken(_ path: String) throws(CommandFailure) {
    guard Folder.exists(path) else { return }
    throw .usage("--html: \(path) exists already", hint: "name a file that does not")
  }

  private static func options(
    of invocation: Invocation,
    for model: HistoryModel
  ) throws(CommandFailure) -> HistoryOptions {
    var options = HistoryOptions()
    options.initial = try initial(of: invocation, for: model)
    guard model.hasKeys || !invocation.toggle("independent") else {
      throw .usage("--independent: the model \(model.rawValue) judges all keys together")
    }
    options.failedSwaps = .init(rawValue: invocation.text("failed-cas")) ?? .ignore
    options.nullReads = .init(rawValue: invocation.text("nil-read")) ?? .absent
    options.isSearchOnly = invocation.text("by") == "search"
    return options
  }

  private static func initial(
    of invocation: Invocation,
    for model: HistoryModel
  ) throws(CommandFailure) -> HistoryValue {
    guard let initial = HistoryValue(json: invocation.text("initial")) else {
      throw .usage(
        "--initial: '\(invocation.text("initial"))' is no JSON value",
        hint: "text has quotes of its own: --initial '\"a\"'"
      )
    }
    if let objection = model.objection(toInitial: initial) {
      throw .usage("--initial \(initial): \(objection)")
    }
    return initial
  }

  private static func show(_ reports: [HistoryReport], on output: Output) {
    if output.form != .table {
      output.printList(reports.map(\.fields), titles: [])
      return
    }
    for report in reports { for line in report.lines { StandardStream.output.writeLine(line) } }
  }

  private static func fail(_ reports: [HistoryReport]) throws(CommandFailure) {
    if let report = reports.first(where: { $0.verdict.isNotLinearizable }) {
      throw CommandFailure(
        exitCode: .checkFailed,
        code: "not_linearizable",
        message: "\(report.path): no order explains what was seen"
      )
    }
    if let report = reports.first(where: { $0.verdict != .linearizable }) {
      throw CommandFailure(
        exitCode: .noAnswer,
        code: "no_verdict",
        message: report.isEmpty
          ? "\(report.path): it holds no operation" : "\(report.path): it could not be told",
        hint: report.isEmpty
          ? "look whether the recording was cut off"
          : "give it more time (--timeout 10m), or unique values to tell writes apart"
      )
    }
  }
}
