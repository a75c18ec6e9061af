import Glibc
import Linearizability

/// Prints results: tables on a terminal, JSON on a pipe; a bar while one waits.
struct Screen: Sendable {
  private let isTable: Bool
  private let hasBar: Bool

  init(_ orders: Orders) throws(Failure) {
    switch orders.text("output") {
    case nil: isTable = isatty(STDOUT_FILENO) == 1
    case "table": isTable = true
    case "json": isTable = false
    case let form?: throw .usage("--output: '\(form)' is none of table, json")
    }
    hasBar = isatty(STDERR_FILENO) == 1 && !orders.has("no-progress")
  }

  /// One result: a line for each field, or an object.
  func show(_ value: HistoryValue) {
    guard isTable, case .fields(let fields) = value else { return Self.line(value.description) }
    let names = fields.map { String(decoding: $0.name, as: UTF8.self) }
    let width = names.map(\.count).max() ?? 0
    for (name, field) in zip(names, fields) {
      Self.line(name + String(repeating: " ", count: width + 2 - name.count) + cell(field.value))
    }
  }

  /// Rows that all have these fields: a table, or an object in a line each.
  func show(_ rows: [HistoryValue], _ titles: [StaticString]) {
    guard isTable else {
      for row in rows { Self.line(row.description) }
      return
    }
    let heads = titles.map { String(describing: $0).uppercased() }
    let cells = rows.map { row in titles.map { cell(row.field($0) ?? .null) } }
    let widths = heads.indices.map { column in
      ([heads] + cells).map { $0[column].count }.max() ?? 0
    }
    for row in [heads] + cells {
      let padded = row.indices.map { column in
        let isLast = column == row.count - 1
        return row[column]
          + (isLast ? "" : String(repeating: " ", count: widths[column] - row[column].count))
      }
      Self.line(padded.joined(separator: "  "))
    }
  }

  private func cell(_ value: HistoryValue) -> String {
    switch value {
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    case .null: "-"
    case .list(let items): items.map(cell).joined(separator: " ")
    case .boolean, .integer, .number, .fields: value.description
    }
  }

  /// How far something is, on a terminal only.
  func showProgress(_ share: Double, _ words: String) {
    guard hasBar else { return }
    let width = 30
    let filled = Int(max(0, min(1, share)) * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    Self.write("\r\(bar) \(words)\u{1B}[K", to: STDERR_FILENO)
  }

  /// Takes the bar away.
  func endProgress() {
    if hasBar { Self.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }

  /// A line on standard output.
  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// A line on standard error, beside what is asked for.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  private static func write(_ text: String, to stream: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      // `write` reads at most the slice's own bytes.
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(stream, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
