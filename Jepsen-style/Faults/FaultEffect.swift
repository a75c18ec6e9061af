/// What came of an order.
package struct FaultEffect: Equatable, Sendable {
  /// What was done.
  package let kind: FaultKind
  /// Whom it struck in fact.
  package internal(set) var targets: [Int]
  /// When it began, in milliseconds since the start.
  package let from: Int
  /// When it ended; nil while it lasts.
  package internal(set) var to: Int?
  /// How often it was felt: frames that met with it, calls that were under way, syncs delayed.
  ///
  /// With 0 nobody noticed: a partition during idle is no test.
  package internal(set) var feltCount: Int
  /// What was done, for people.
  package internal(set) var words: String
  /// Whether anything was done at all; what was not done was not felt.
  package internal(set) var hasHappened = true

  /// Whether anybody noticed.
  package var wasFelt: Bool { feltCount > 0 }
}
