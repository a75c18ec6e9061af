/// Why a text is no history.
package struct HistoryError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  package var line: Int
  /// The column, from 1; nil if the line as a whole is meant.
  package var column: Int?
  /// What was expected, and what stands there.
  package var problem: String

  /// An error.
  package init(line: Int, column: Int? = nil, _ problem: String) {
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// Where, and what.
  package var description: String {
    "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": \(problem)"
  }
}
