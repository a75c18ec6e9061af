/// What came of a search so far.
package struct ExplorationReport: Sendable {
  /// How far it was to go.
  package let bounds: SmallWorldBounds
  /// How many different worlds were found; of up to six that differ in names alone, one counts.
  package let worlds: Int
  /// How many steps were taken between worlds, those that change nothing included.
  package let transitions: Int
  /// How many steps the deepest world lies from the beginning, going the shortest way.
  package let depth: Int
  /// How many different states of one node there were.
  package let nodeStates: Int
  /// How many different messages there were.
  package let messages: Int
  /// How many worlds bear each mark.
  package let marks: [(mark: WorldMark, count: Int)]
  /// Whether nothing is left to explore within the bounds.
  package let isComplete: Bool
  /// The first broken promise.
  package let violation: WorldViolation?
  /// The shortest way to it, step by step in words.
  package let trace: [String]
}

extension Explorer {
  /// What came of the search so far.
  package var report: ExplorationReport {
    ExplorationReport(
      bounds: bounds,
      worlds: seen.count,
      transitions: transitions,
      depth: depth,
      nodeStates: nodes.nodes.count,
      messages: nodes.messages.items.count,
      marks: WorldMark.allCases.map { ($0, marks[$0.rawValue]) },
      isComplete: isExhausted && violation == nil,
      violation: violation?.0,
      trace: trace()
    )
  }
}
