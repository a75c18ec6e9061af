/// One operation as the report counts it: when, how long, how it ended.
package struct CallSample: Sendable {
  /// How it ended.
  package enum Ending: UInt8, Sendable {
    /// It took effect.
    case ok
    /// It was refused, or could not be done.
    case fail
    /// Nobody knows.
    case info
  }

  /// When it began, in microseconds since the beginning of the run.
  package var began: Int64
  /// How long it took, in microseconds.
  package var took: Int64
  /// How it ended.
  package var ending: Ending
  /// Whether it changes nothing.
  package var isRead: Bool
}
