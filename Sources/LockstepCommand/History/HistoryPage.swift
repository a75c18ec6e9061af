import Linearizability

/// A page that shows a history, and why no order explains it: a lane per client, operations as
/// bars.
///
/// It needs no network: data, script and style are all in it.
struct HistoryPage {
  /// More operations are not drawn; those nearest to the contradiction are.
  private static let operationsMax = 600

  private let title: String
  private let sentence: String
  private let operations: [HistoryOperation]
  private let history: History
  private let prefix: HistoryPrefix?
  private let marked: Set<Int>

  init(
    _ title: String,
    _ finding: HistoryFinding,
    of operations: [HistoryOperation],
    in history: History,
    _ prefix: HistoryPrefix?
  ) {
    self.title = title
    self.sentence = finding.sentence
    self.operations = operations
    self.history = history
    self.prefix = prefix
    marked = Set(finding.operations)
  }

  /// A page of operations that nothing speaks against.
  init(
    _ title: String,
    _ sentence: String,
    of operations: [HistoryOperation],
    in history: History
  ) {
    self.title = title
    self.sentence = sentence
    self.operations = operations
    self.history = history
    prefix = nil
    marked = []
  }

  /// The page as text.
  var html: String {
    HistoryPageText.page
      .replacing("{{title}}", with: Self.escaped(title))
      .replacing("{{sentence}}", with: Self.escaped(sentence))
      .replacing("{{data}}", with: Self.inScript(data.json))
  }

  private var data: JSONValue {
    let drawn = drawn()
    // Whoever is part of it stands on top.
    var concerned = Set(marked.map { operations[$0].process })
    if let prefix { concerned.insert(operations[prefix.stuck].process) }
    let lanes = Set(drawn.map { operations[$0].process })
      .sorted { (concerned.contains($0) ? 0 : 1, $0) < (concerned.contains($1) ? 0 : 1, $1) }
    return .object([
      JSONValue.Field(
        "lanes",
        .list(lanes.map { .text(history.processes[$0].description) })
      ),
      JSONValue.Field("bars", .list(drawn.map { bar($0, lanes) })),
      JSONValue.Field("faults", .list(faults(beside: drawn))),
      JSONValue.Field("explained", prefix.map { .integer($0.instant) } ?? .null),
      JSONValue.Field("left_out", .integer(operations.count - drawn.count)),
    ])
  }

  /// The operations nearest to where the history stops being explained, in order.
  private func drawn() -> [Int] {
    let centre = prefix?.instant ?? marked.map { operations[$0].start }.max() ?? 0
    let nearest = operations.indices.sorted {
      (marked.contains($0) ? 0 : 1, abs(operations[$0].start - centre), $0)
        < (marked.contains($1) ? 0 : 1, abs(operations[$1].start - centre), $1)
    }
    return nearest.prefix(Self.operationsMax).sorted()
  }

  private func bar(_ place: Int, _ lanes: [Int]) -> JSONValue {
    let operation = operations[place]
    let state =
      place == prefix?.stuck ? "stuck" : marked.contains(place) ? "marked" : operation.ending.word
    return .object([
      JSONValue.Field("lane", .integer(lanes.firstIndex(of: operation.process) ?? 0)),
      JSONValue.Field("start", .integer(operation.start)),
      JSONValue.Field(
        "end",
        operation.end == HistoryOperation.never ? .null : .integer(operation.end)
      ),
      JSONValue.Field("state", .text(state)),
      JSONValue.Field("text", .text(operation.label)),
      JSONValue.Field("more", .text(operation.summary)),
    ])
  }

  private func faults(beside drawn: [Int]) -> [JSONValue] {
    let first = drawn.map { operations[$0].start }.min() ?? 0
    return history.faults.filter { $0.instant >= first }.map { fault in
      .object([
        JSONValue.Field("at", .integer(fault.instant)),
        JSONValue.Field(
          "text",
          .text(
            String(decoding: fault.event.function, as: UTF8.self) + " "
              + fault.event.value.description
          )
        ),
      ])
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  /// JSON that ends no script, whatever text is in it.
  private static func inScript(_ json: String) -> String { json.replacing("<", with: "\\u003c") }
}

extension HistoryEvent.Kind {
  fileprivate var word: String {
    switch self {
    case .invoke, .info: "unknown"
    case .ok: "ok"
    case .fail: "fail"
    }
  }
}

extension HistoryOperation {
  /// What fits on a bar.
  fileprivate var label: String {
    switch function {
    case .read, .get: isOK ? "→ \(result)" : function.rawValue
    case .del: "del"
    case .write, .put: "\(argument)"
    case .cas, .append, .add, .txn, .transfer, .insert, .replace, .delete, .increment, .scan,
      .count:
      words
    }
  }
}
