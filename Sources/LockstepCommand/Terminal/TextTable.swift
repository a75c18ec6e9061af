/// Rows in columns, as wide as their widest cell; numbers stand at the right.
struct TextTable: Sendable {
  let titles: [String]
  private var rows: [[String]] = []
  private var isNumeric: [Bool]

  init(titles: [String]) {
    self.titles = titles
    isNumeric = titles.map { _ in true }
  }

  mutating func append(_ cells: [String]) {
    for (column, cell) in cells.enumerated() where !Self.looksNumeric(cell) {
      isNumeric[column] = false
    }
    rows.append(cells)
  }

  /// The lines, titles first; the titles are bold if asked for.
  func lines(bold: Bool) -> [String] {
    let widths = titles.indices.map { column in
      (rows.map { $0[column].count } + [titles[column].count]).max() ?? 0
    }
    let head = line(titles, widths)
    let first = bold ? "\u{1B}[1m\(head)\u{1B}[0m" : head
    return [first] + rows.map { line($0, widths) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      let isLast = column == cells.count - 1
      text += isNumeric[column] ? padding + cell : cell + (isLast ? "" : padding)
      text += isLast ? "" : "  "
    }
    return text
  }

  private static func looksNumeric(_ cell: String) -> Bool {
    cell == "-" || cell.allSatisfy { "0123456789.-".contains($0) }
  }
}
