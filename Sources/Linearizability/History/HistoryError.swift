/// Why a text is no history.
public struct HistoryError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1; nil if the line as a whole is meant.
  public var column: Int?
  /// What was expected, and what stands there.
  public var problem: String

  /// An error.
  public init(line: Int, column: Int? = nil, _ problem: String) {
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// Where, and what.
  public var description: String {
    "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": \(problem)"
  }
}
