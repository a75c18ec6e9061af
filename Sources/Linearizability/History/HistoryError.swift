/// Why a text is no history.
public struct HistoryError: Error, Hashable, CustomStringConvertible {
  /// The line, from 1.
  public var line: Int
  /// The column, in bytes from 1; nil if the line as a whole is meant.
  ///
  /// Where a whole event is meant, that in which it begins.
  public var column: Int?
  /// What was expected, and what stands there.
  public var problem: String

  /// An error.
  public init(line: Int, column: Int? = nil, _ problem: String) {
    self.line = line
    self.column = column
    self.problem = problem
  }

  /// An error in the event that begins at a place.
  init(at place: HistoryPlace, _ problem: String) {
    self.init(line: place.line, column: place.column, problem)
  }

  /// Where, and what.
  public var description: String {
    "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": \(problem)"
  }
}
