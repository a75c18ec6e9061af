import Linearizability
import Transport

/// What is said of one history: how large it is, the verdict, and what shows it.
struct HistoryReport {
  /// Operations that a table shows at most.
  private static let shownMax = 12
  /// Values that a read could have found, at most.
  private static let valuesMax = 6
  /// What each key has at first.
  private static let firstMicroseconds: UInt64 = 1_000_000

  let path: String
  var seconds = 0.0
  private(set) var verdict = HistoryVerdict.linearizable

  private let history: History
  /// The key that the verdict speaks of.
  private var key: HistoryValue?
  /// A picture of it.
  private(set) var page: String?
  /// The smallest part that has no order, where it was found in time.
  private var window: HistoryWindow?
  /// The operations that show it, and which of them is stuck.
  private var shown: [HistoryOperation] = []
  private var stuck: HistoryOperation?

  init(path: String, history: History) {
    self.path = path
    self.history = history
  }

  /// Judges key by key; the first that fits no order ends it.
  ///
  /// Each has a little time at first, so that a hard one hides no other's contradiction; those that
  /// need more share what is left of the limit.
  mutating func judge(
    as model: HistoryModel,
    _ options: HistoryOptions,
    within limitMicroseconds: UInt64,
    now: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
  ) {
    guard !isEmpty else {
      // Nothing was seen, so that nothing can be said of it.
      verdict = .unknown("it holds no operation")
      return
    }
    let end = now() + limitMicroseconds
    var options = options
    options.isTimeOver = { now() > end }
    let patient = HistoryJudge(model, options: options)
    var hard: [History.OfKey] = []
    for part in history.keys {
      let time = min(end, now() + Self.firstMicroseconds)
      options.isTimeOver = { now() > time }
      switch take(part, by: HistoryJudge(model, options: options), shownBy: patient) {
      case .linearizable: continue
      case .unknown: hard.append(part)
      case .notLinearizable: return
      }
    }
    for (place, part) in hard.enumerated() {
      let time = now() + (end - min(end, now())) / UInt64(hard.count - place)
      options.isTimeOver = { now() > time }
      let found = take(part, by: HistoryJudge(model, options: options), shownBy: patient)
      if found.isNotLinearizable { return }
      if found != .linearizable, verdict == .linearizable { (verdict, key) = (found, part.key) }
    }
  }

  /// What is said of a key; a contradiction is kept, and what shows it: for that there is all the
  /// time that is left.
  private mutating func take(
    _ part: History.OfKey,
    by judge: HistoryJudge,
    shownBy patient: HistoryJudge
  ) -> HistoryVerdict {
    let operations = part.operations
    let found = judge.judge(operations)
    guard case .notLinearizable(let finding) = found else { return found }
    (verdict, key) = (found, part.key)
    window = HistoryWindow(of: operations, by: patient)
    stuck = window.map { operations[$0.prefix.stuck] }
    shown = (window?.operations ?? finding.operations).map { operations[$0] }
    page = HistoryPage(title, explanation, of: operations, in: history, around: window).html
    return found
  }

  /// Whether it holds no operation at all, as a recording does that was cut off.
  var isEmpty: Bool { history.operationCount == 0 }

  /// How much was recorded, in words.
  var sizeText: String {
    "\(history.operationCount) operations on \(history.keys.count) keys by "
      + "\(history.processes.count) clients (\(unknownCount) with unknown outcome)"
  }

  /// The verdict as the answer to a question.
  var answer: String {
    switch verdict {
    case .linearizable: "yes"
    case .unknown: "unknown"
    case .notLinearizable: "no"
    }
  }

  var secondsText: String { JSONValue.decimal(seconds, places: 1).json }

  /// A picture of the contradiction; without one, of the key that was asked for most.
  var anyPage: String? {
    if let page { return page }
    let busiest = history.keys.max { $0.operationCount < $1.operationCount }
    guard let busiest else { return nil }
    let word = verdict.word.replacing("_", with: " ")
    let sentence =
      (reason.map { "\($0). " } ?? "One machine could have answered so. ")
      + "Recorded are \(sizeText). Drawn is the key that most of them are about"
      + (busiest.key.map { ": \($0)." } ?? ".")
    return HistoryPage("\(path): \(word)", [sentence], of: busiest.operations, in: history).html
  }

  private var title: String { "\(path): not linearizable" + (key.map { ", key \($0)" } ?? "") }

  /// Why, in a sentence; nil if nothing needs a reason.
  private var reason: String? {
    switch verdict {
    case .linearizable: nil
    case .unknown(let reason): reason
    case .notLinearizable(let finding): window?.sentence ?? finding.sentence
    }
  }

  /// Why, and what else is known of it, line by line.
  private var explanation: [String] {
    guard let reason else { return [] }
    guard let window, let stuck else { return [reason] }
    var lines = [reason]
    if let possible = window.possible {
      let values =
        possible.prefix(Self.valuesMax).map(\.description)
        + (possible.count > Self.valuesMax ? ["others"] : [])
      lines.append(
        values.isEmpty
          ? "No value that was written lately could have been found by \(stuck.summary)"
          : "\(stuck.summary) could have found \(values.joined(separator: " or "))"
      )
    }
    let line = stuck.lines.end ?? stuck.lines.begin
    lines.append("Everything before line \(line) has an order")
    return lines
  }

  private var unknownCount: Int {
    history.keys.reduce(0) { $0 + $1.unknownCount }
  }

  /// For programs.
  var fields: [JSONValue.Field] {
    var fields = [
      JSONValue.Field("file", .text(path)),
      JSONValue.Field("verdict", .text(verdict.word)),
      JSONValue.Field("operations", .integer(history.operationCount)),
      JSONValue.Field("keys", .integer(history.keys.count)),
      JSONValue.Field("processes", .integer(history.processes.count)),
      JSONValue.Field("unknown_outcomes", .integer(unknownCount)),
      JSONValue.Field("seconds", .decimal(seconds, places: 3)),
    ]
    guard let reason else { return fields }
    if let key { fields.append(JSONValue.Field("key", .rendered(key.description))) }
    fields.append(JSONValue.Field("reason", .text(reason)))
    fields.append(
      JSONValue.Field("shown", .list(shown.map { .object(Self.fields(of: $0, history)) }))
    )
    fields.append(JSONValue.Field("is_minimal", .truth(window?.isMinimal ?? false)))
    if let possible = window?.possible {
      let values = possible.map { JSONValue.rendered($0.description) }
      fields.append(JSONValue.Field("could_have_found", .list(values)))
    }
    if let stuck {
      fields.append(JSONValue.Field("stuck", .object(Self.fields(of: stuck, history))))
    }
    return fields
  }

  private static func fields(of operation: HistoryOperation, _ history: History) -> [JSONValue
    .Field]
  {
    [
      JSONValue.Field("process", .rendered(history.processes[operation.process].description)),
      JSONValue.Field("f", .text(operation.function.rawValue)),
      JSONValue.Field("value", .rendered(operation.argument.description)),
      JSONValue.Field(
        "result",
        operation.isOK ? .rendered(operation.result.description) : .null
      ),
      JSONValue.Field("began_in_line", .integer(operation.lines.begin)),
      JSONValue.Field("ended_in_line", operation.lines.end.map { .integer($0) } ?? .null),
    ]
  }

  /// For people.
  var lines: [String] {
    var lines = [
      "\(path): \(verdict.word.replacing("_", with: " ")) – \(history.operationCount) operations, "
        + "\(history.keys.count) keys, \(history.processes.count) processes, \(unknownCount) "
        + "unknown outcomes, \(secondsText) s"
    ]
    guard !explanation.isEmpty else { return lines }
    if let key { lines.append("  key \(key)") }
    lines += explanation.map { "  \($0)" }
    guard !shown.isEmpty else { return lines }
    lines.append(
      window?.isMinimal ?? false ? "  None of these can be left out:" : "  It shows in"
    )
    // The one that is stuck is never left out.
    let last = shown.count > Self.shownMax ? stuck.flatMap { shown.firstIndex(of: $0) } : nil
    var told = Array(shown.indices.prefix(Self.shownMax))
    if let last, last >= Self.shownMax { told[Self.shownMax - 1] = last }
    for operation in told.map({ shown[$0] }) {
      lines.append("    process \(history.processes[operation.process]): \(operation.summary)")
    }
    let rest = shown.count - told.count
    if rest > 0 { lines.append("    and \(rest) more (-o json has them all)") }
    return lines
  }
}
