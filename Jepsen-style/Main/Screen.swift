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

  /// One result: a line for each field and a table for each list of objects, or an object.
  func show(_ value: HistoryValue) {
    guard isTable, case .fields(let fields) = value else { return Self.line(value.description) }
    let all = fields.map { (name: String(decoding: $0.name, as: UTF8.self), value: $0.value) }
    let lines = all.filter { Self.objects(in: $0.value) == nil }
    let width = lines.map(\.name.count).max() ?? 0
    for (name, value) in lines { Self.line(Self.padded(name, to: width + 2) + cell(value)) }
    for (name, value) in all {
      guard let objects = Self.objects(in: value), let first = objects.first else { continue }
      Self.line("")
      let titles = first.map { String(decoding: $0.name, as: UTF8.self) }
      let heads = [name] + titles.dropFirst()
      showTable(heads, objects.map { $0.map { cell($0.value) } })
    }
  }

  /// Rows that all have these fields: a table, or an object in a line each.
  func show(_ rows: [HistoryValue], _ titles: [String]) {
    guard isTable else {
      for row in rows { Self.line(row.description) }
      return
    }
    showTable(titles, rows.map { row in titles.map { cell(row.field($0) ?? .null) } })
  }

  private func showTable(_ titles: [String], _ cells: [[String]]) {
    let heads = titles.map { $0.uppercased() }
    let widths = heads.indices.map { column in
      ([heads] + cells).map { $0[column].count }.max() ?? 0
    }
    for row in [heads] + cells {
      let padded = row.indices.map { column in
        column == row.count - 1 ? row[column] : Self.padded(row[column], to: widths[column])
      }
      Self.line(padded.joined(separator: "  "))
    }
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// The fields of each object of a list that holds nothing else; nil for anything else.
  private static func objects(
    in value: HistoryValue
  ) -> [[(name: [UInt8], value: HistoryValue)]]? {
    guard case .list(let items) = value else { return nil }
    var objects: [[(name: [UInt8], value: HistoryValue)]] = []
    for item in items {
      guard case .fields(let fields) = item else { return nil }
      objects.append(fields.map { ($0.name, $0.value) })
    }
    return objects
  }

  private func cell(_ value: HistoryValue) -> String {
    switch value {
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    case .null: "-"
    case .list(let items): items.isEmpty ? "-" : items.map(cell).joined(separator: " ")
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
