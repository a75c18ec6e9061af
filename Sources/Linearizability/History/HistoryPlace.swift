/// A place in a history's text.
package struct HistoryPlace: Hashable, Sendable {
  /// The line, from 1.
  package var line: Int
  /// The column, in bytes from 1.
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The place behind a piece of text that begins here.
  func behind(_ text: ArraySlice<UInt8>) -> HistoryPlace {
    guard let end = text.lastIndex(of: 10) else {
      return HistoryPlace(line: line, column: column + text.count)
    }
    return HistoryPlace(
      line: line + text.count { $0 == 10 },
      column: text.endIndex - end
    )
  }
}
