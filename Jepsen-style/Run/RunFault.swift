/// A fault of a run, in the run's own time.
package struct RunFault: Sendable {
  /// What was done.
  package var kind: FaultKind
  /// Whom it struck.
  package var targets: [Int]
  /// When it began, in microseconds since the beginning of the run.
  package var from: Int64
  /// When it ended.
  package var to: Int64
  /// How often it was felt.
  package var feltCount: Int
  /// What was done, for people.
  package var words: String
  /// Whether anything was done at all.
  package var hasHappened = true

  /// Whether anybody noticed: a partition during idle is no test.
  package var wasFelt: Bool { feltCount > 0 }
}
