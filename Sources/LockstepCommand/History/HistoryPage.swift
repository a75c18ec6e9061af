import Linearizability

/// A page that shows a history, and why no order explains it: a lane per client, operations as
/// bars.
///
/// It needs no network: data, script and style are all in it. From left to right stand the events
/// of what is drawn, one after the other, however long it was between them.
struct HistoryPage {
  /// More operations are not drawn; those nearest to the contradiction are.
  private static let operationsMax = 400
  /// Ends every fault that lasts.
  private static let endOfAll = "healed"

  private let title: String
  private let explanation: [String]
  private let operations: [HistoryOperation]
  private let history: History
  private let window: HistoryWindow?
  private let marked: Set<Int>

  init(
    _ title: String,
    _ explanation: [String],
    of operations: [HistoryOperation],
    in history: History,
    around window: HistoryWindow? = nil
  ) {
    self.title = title
    self.explanation = explanation
    self.operations = operations
    self.history = history
    self.window = window
    marked = Set(window?.operations ?? [])
  }

  /// The page as text.
  var html: String {
    HistoryPageText.page
      .replacing("{{title}}", with: Self.escaped(title))
      .replacing(
        "{{explanation}}",
        with: explanation.map { "<p>\(Self.escaped($0)).</p>" }.joined(separator: "\n")
      )
      .replacing("{{data}}", with: Self.inScript(data.json))
  }

  private var stuck: Int? { window?.prefix.stuck }

  /// What has to be seen.
  private var concerned: Set<Int> {
    marked.union(window?.writers ?? []).union(stuck.map { [$0] } ?? [])
  }

  private var data: JSONValue {
    let drawn = drawn()
    let axis = axis(of: drawn)
    // Whoever is part of it stands on top.
    let first = Set(concerned.map { operations[$0].process })
    let lanes = Set(drawn.map { operations[$0].process })
      .sorted { (first.contains($0) ? 0 : 1, $0) < (first.contains($1) ? 0 : 1, $1) }
    let concerned = concerned.map { JSONValue.integer(axis.place(of: operations[$0].start)) }
    return .object([
      JSONValue.Field("lanes", .list(lanes.map { .text(history.processes[$0].description) })),
      JSONValue.Field("bars", .list(drawn.map { bar($0, lanes, axis) })),
      JSONValue.Field("faults", .list(faults(on: axis))),
      JSONValue.Field("width", .integer(axis.instants.count)),
      JSONValue.Field(
        "explained",
        window.map { .integer(axis.place(of: $0.prefix.instant)) } ?? .null
      ),
      JSONValue.Field("concerned", .list(concerned)),
      JSONValue.Field("left_out", .integer(operations.count - drawn.count)),
    ])
  }

  /// The operations nearest to where the history stops being explained, in order.
  private func drawn() -> [Int] {
    let centre = window?.prefix.instant ?? marked.map { operations[$0].start }.max() ?? 0
    let concerned = concerned
    let nearest = operations.indices.sorted {
      (concerned.contains($0) ? 0 : 1, abs(operations[$0].start - centre), $0)
        < (concerned.contains($1) ? 0 : 1, abs(operations[$1].start - centre), $1)
    }
    return nearest.prefix(Self.operationsMax).sorted()
  }

  /// The instants at which something drawn begins or ends.
  private struct Axis {
    let instants: [Int]

    /// How many of them are before one.
    func place(of instant: Int) -> Int {
      var (low, high) = (0, instants.count)
      while low < high {
        let middle = (low + high) / 2
        if instants[middle] < instant { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private func axis(of drawn: [Int]) -> Axis {
    var instants = Set(drawn.flatMap { [operations[$0].start, operations[$0].end] })
    instants.remove(HistoryOperation.never)
    let (first, last) = (instants.min() ?? 0, instants.max() ?? 0)
    for fault in history.faults where (first...last).contains(fault.instant) {
      instants.insert(fault.instant)
    }
    return Axis(instants: instants.sorted())
  }

  private func bar(_ place: Int, _ lanes: [Int], _ axis: Axis) -> JSONValue {
    let operation = operations[place]
    let isWriter = window?.writers.contains(place) ?? false
    let state =
      place == stuck
      ? "stuck" : marked.contains(place) ? "marked" : isWriter ? "writer" : operation.ending.word
    let end = operation.end == HistoryOperation.never
    return .object([
      JSONValue.Field("lane", .integer(lanes.firstIndex(of: operation.process) ?? 0)),
      JSONValue.Field("start", .integer(axis.place(of: operation.start))),
      JSONValue.Field("end", end ? .null : .integer(axis.place(of: operation.end))),
      JSONValue.Field("state", .text(state)),
      JSONValue.Field("text", .text(operation.label)),
      JSONValue.Field("more", .text(operation.summary)),
    ])
  }

  /// Faults from where they begin to where they end, as docs/formats/history.md has it.
  private func faults(on axis: Axis) -> [JSONValue] {
    var shown: [JSONValue] = []
    var open: [(name: String, text: String, instant: Int)] = []
    func add(_ text: String, _ from: Int, _ to: Int) {
      guard axis.place(of: to) > 0, axis.place(of: from) < axis.instants.count else { return }
      shown.append(
        .object([
          JSONValue.Field("from", .integer(axis.place(of: from))),
          JSONValue.Field("to", .integer(axis.place(of: to))),
          JSONValue.Field("text", .text(text)),
        ])
      )
    }
    for (event, instant) in history.faults {
      let name = String(decoding: event.function, as: UTF8.self)
      let details = event.value == .null ? "" : " \(event.value)"
      let begun = Self.name(in: name, behind: ["start-", "begin "])
      let bare = begun ?? Self.name(in: name, behind: ["stop-", "end "]) ?? name
      if begun != nil || event.kind == .invoke {
        open.append((bare, bare + details, instant))
      } else if let place = open.firstIndex(where: { $0.name == bare }) {
        let begun = open.remove(at: place)
        add(begun.text, begun.instant, instant)
      } else {
        let over = name == Self.endOfAll ? open : []
        for begun in over { add(begun.text, begun.instant, instant) }
        open.removeFirst(over.count)
        add(name + details, instant, instant)
      }
    }
    for begun in open { add(begun.text, begun.instant, .max) }
    return shown
  }

  /// What stands behind the first of some words; nil where none of them begins it.
  private static func name(in function: String, behind words: [String]) -> String? {
    words.first { function.hasPrefix($0) }.map { String(function.dropFirst($0.count)) }
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
    case .read, .get: isOK ? words : function.rawValue
    case .del: "del"
    case .write, .put, .cas, .append, .add, .txn, .transfer, .insert, .replace, .delete,
      .increment, .scan, .count:
      words
    }
  }
}
