/// Prints results in the form that was asked for.
struct Output: Sendable {
  let form: OutputForm
  private let bold: Bool

  init(form: OutputForm, bold: Bool) {
    self.form = form
    self.bold = bold
  }

  /// The output of a command: `-o`, `--color` and the terminal decide.
  init(_ invocation: Invocation) {
    let terminal = Terminal.current(environment: ProcessEnvironment.variables())
    form = OutputForm(invocation, terminal: terminal)
    switch invocation.text("color") {
    case "always": bold = true
    case "never": bold = false
    default: bold = terminal.outputIsTerminal && terminal.allowsColour
    }
  }

  /// The lines of a list whose rows all have these fields.
  func lines(ofList rows: [[JSONValue.Field]], titles: [String]) -> [String] {
    switch form {
    case .ndjson: return rows.map { JSONValue.object($0).json }
    case .json: return [JSONValue.list(rows.map(JSONValue.object)).json]
    case .table:
      var table = TextTable(titles: titles.map { $0.uppercased() })
      for row in rows {
        table.append(
          titles.map { title in
            Self.cell(title, in: row)
          }
        )
      }
      return table.lines(bold: bold)
    }
  }

  /// The cell under a title; bytes that are no text stand in it as base64.
  private static func cell(_ title: String, in row: [JSONValue.Field]) -> String {
    if let field = row.first(where: { $0.name == title }) { return field.value.cell }
    let bytes = row.first { $0.name == title + "_base64" }
    return bytes.map { "base64:\($0.value.cell)" } ?? "-"
  }

  /// The lines of one result: `name value` for people, an object for programs.
  func lines(ofResult fields: [JSONValue.Field]) -> [String] {
    switch form {
    case .json, .ndjson: return [JSONValue.object(fields).json]
    case .table:
      let width = fields.map(\.name.count).max() ?? 0
      return fields.map { field in
        let padding = String(repeating: " ", count: width - field.name.count)
        return "\(field.name)\(padding)  \(field.value.cell)"
      }
    }
  }

  func printList(_ rows: [[JSONValue.Field]], titles: [String]) {
    for line in lines(ofList: rows, titles: titles) { StandardStream.output.writeLine(line) }
  }

  func printResult(_ fields: [JSONValue.Field]) {
    for line in lines(ofResult: fields) { StandardStream.output.writeLine(line) }
  }
}

/// Results that come one after the other: shown at once, or as one JSON value at the end.
struct ResultRows {
  private let output: Output
  private var kept: [JSONValue] = []

  init(_ invocation: Invocation) {
    output = Output(invocation)
  }

  mutating func add(_ fields: [JSONValue.Field]) {
    if output.form == .json { return kept.append(.object(fields)) }
    output.printResult(fields)
  }

  /// Shows what has to be one value.
  func finish() {
    guard output.form == .json else { return }
    StandardStream.output.writeLine(JSONValue.list(kept).json)
  }
}
